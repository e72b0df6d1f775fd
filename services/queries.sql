-- name: set_scope
SELECT set_config('minwon.scope', %(scope)s, true),
       set_config('minwon.agency', %(agency)s, true),
       set_config('minwon.client', %(client)s, true),
       set_config('minwon.receipt', %(receipt)s, true);
