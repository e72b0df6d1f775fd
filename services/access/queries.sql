-- name: find_key
SELECT id, secret_sha256, role, client, agency_id, departments
FROM api_keys
WHERE id = %(id)s::text AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now());

-- name: insert_key
INSERT INTO api_keys (id, secret_sha256, role, client, agency_id, departments, expires_at)
VALUES (%(id)s::text, %(secret_sha256)s::bytea, %(role)s::text, %(client)s::text,
        %(agency_id)s::text, %(departments)s::text[], %(expires_at)s::timestamptz);

-- name: list_keys
SELECT id, role, client, agency_id, departments, created_at, expires_at, revoked_at
FROM api_keys
ORDER BY created_at, id;

-- name: revoke_key
UPDATE api_keys SET revoked_at = now() WHERE id = %(id)s::text AND revoked_at IS NULL;
