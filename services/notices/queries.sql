-- name: take_events
WITH fresh AS (
    INSERT INTO noticed_events (event_id)
    SELECT e.id FROM case_events e
    WHERE e.case_id = ANY(%(ids)s::uuid[])
        AND NOT EXISTS (SELECT FROM noticed_events n WHERE n.event_id = e.id)
    ORDER BY e.id
    ON CONFLICT (event_id) DO NOTHING
    RETURNING event_id
)
SELECT e.id, e.case_id, e.actor, e.action, e.to_state, e.data, k.reply_by, c.assignee,
       c.agency_id, c.department, ARRAY(SELECT jsonb_build_array(x.agency_id, x.held) FROM changes x
             WHERE x.event_id = e.id) AS agencies
FROM fresh
JOIN case_events e ON e.id = fresh.event_id
JOIN cases c ON c.id = e.case_id
LEFT JOIN contacts k ON k.case_id = e.case_id
ORDER BY e.id;

-- name: list_listeners
SELECT id::text AS id, agency_id, types
FROM webhook_endpoints
WHERE agency_id = ANY(%(agencies)s::text[]);

-- name: add_notices
INSERT INTO notices (
    id, event_id, case_id, agency_id, audience, channel, recipient, template, state, delivered_at)
SELECT g.id, g.event_id, g.case_id, g.agency_id, g.audience, g.channel, g.recipient, g.template,
       g.state, CASE g.state WHEN 'delivered' THEN now() END
FROM jsonb_to_recordset(%(rows)s::jsonb) AS g (
    id uuid, event_id bigint, case_id uuid, agency_id text, audience text, channel text,
    recipient text, template text, state text)
ON CONFLICT (event_id, audience, channel, recipient) DO NOTHING;

-- name: add_calls
INSERT INTO case_events (case_id, at, actor, action, from_state, to_state, data)
SELECT n.case_id, now(), 'system', 'telephone', c.state, c.state,
       jsonb_build_object('notice', n.id, 'template', n.template)
FROM notices n
JOIN cases c ON c.id = n.case_id
WHERE n.id = ANY(%(ids)s::uuid[]) AND n.state = 'task';

-- name: claim_notices
WITH due AS (
    SELECT id FROM notices
    WHERE state = 'waiting' AND run_at <= now() AND attempts < %(max_attempts)s::int
        AND (lease_until IS NULL OR lease_until < now())
    ORDER BY run_at, id
    LIMIT %(limit)s::int
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE notices n
    SET lease_until = now() + make_interval(secs => %(lease_seconds)s::float8),
        fence = n.fence + 1, attempts = n.attempts + 1
    FROM due
    WHERE n.id = due.id
    RETURNING n.id, n.audience, n.channel, n.recipient, n.template, n.attempts, n.fence,
        n.created_at, n.case_id, n.agency_id, n.event_id
)
SELECT n.id, n.audience, n.channel, n.recipient, n.template, n.attempts, n.fence, n.created_at,
       n.case_id, coalesce(n.agency_id, c.agency_id) AS agency_id, n.event_id, e.actor, e.action,
       e.to_state, e.data, e.at AS happened_at, c.receipt_number, c.title, c.department, c.due_at,
       c.reply, c.outcome, c.outcome_reason, c.remedy, c.officer,
       CASE n.audience WHEN 'citizen' THEN k.sealed END AS sealed, w.url,
       w.state AS endpoint_state, w.sealed_secret,
       CASE WHEN w.old_secret_until > now() THEN w.sealed_old_secret END AS sealed_old_secret
FROM claimed n
LEFT JOIN case_events e ON e.id = n.event_id
LEFT JOIN cases c ON c.id = n.case_id
LEFT JOIN contacts k ON k.case_id = n.case_id
LEFT JOIN webhook_endpoints w ON w.id::text = n.recipient AND n.channel = 'webhook'
ORDER BY n.created_at, n.id;

-- name: settle_notice
UPDATE notices
SET state = %(state)s::text, last_error = %(error)s::text, lease_until = NULL,
    run_at = now() + make_interval(secs => %(delay_seconds)s::float8),
    delivered_at = CASE WHEN %(state)s::text = 'delivered' THEN now() END
WHERE id = %(id)s::uuid AND fence = %(fence)s::int AND state = 'waiting';

-- name: add_attempt
INSERT INTO notice_attempts (notice_id, attempt, outcome, status, error, duration_ms)
VALUES (%(id)s::uuid, %(attempt)s::smallint, %(outcome)s::text, %(status)s::smallint,
        %(error)s::text, %(duration_ms)s::int);

-- name: note_endpoint_works
UPDATE webhook_endpoints SET failing_since = NULL
WHERE id = %(id)s::uuid AND failing_since IS NOT NULL;

-- name: note_endpoint_fails
UPDATE webhook_endpoints
SET failing_since = coalesce(failing_since, now()),
    state = CASE
        WHEN state = 'enabled' AND (%(gone)s::boolean
            OR failing_since < now() - make_interval(secs => %(patience_seconds)s::float8))
        THEN 'failed' ELSE state END
WHERE id = %(id)s::uuid
RETURNING state;

-- name: bury_notices
UPDATE notices
SET state = 'dead', lease_until = NULL, last_error = coalesce(last_error, 'worker_died')
WHERE state = 'waiting' AND attempts >= %(max_attempts)s::int AND lease_until < now();

-- name: count_due_notices
SELECT count(*)::int AS due,
       coalesce(extract(epoch FROM now() - min(run_at)), 0)::float8 AS oldest_seconds
FROM notices
WHERE state = 'waiting' AND run_at <= now() AND (lease_until IS NULL OR lease_until < now());

-- name: list_closable
SELECT c.id
FROM cases c
WHERE c.state = 'resolved' AND c.parent_id IS NULL AND EXISTS (
    SELECT FROM notices n
    WHERE n.case_id = c.id AND n.template = 'result' AND n.audience = 'citizen'
        AND n.created_at >= c.resolved_at AND n.state = 'delivered')
ORDER BY c.resolved_at
LIMIT %(limit)s::int;

-- name: list_notices
SELECT id, event_id, case_id,
       (SELECT c.receipt_number FROM cases c WHERE c.id = notices.case_id) AS receipt_number,
       agency_id, audience, channel, recipient, template, state, attempts, run_at, last_error,
       created_at, delivered_at
FROM notices
WHERE (%(states)s::text[] IS NULL OR state = ANY(%(states)s::text[]))
    AND (%(audience)s::text IS NULL OR audience = %(audience)s::text)
    AND (%(case_id)s::uuid IS NULL OR case_id = %(case_id)s::uuid)
    AND (%(id)s::uuid IS NULL OR id = %(id)s::uuid)
    AND (%(before)s::uuid IS NULL OR id < %(before)s::uuid)
    AND (%(departments)s::text[] IS NULL OR EXISTS (
        SELECT FROM cases c
        WHERE c.id = notices.case_id AND c.department = ANY(%(departments)s::text[])))
ORDER BY id DESC
LIMIT %(limit)s::int;

-- name: retry_notice
UPDATE notices
SET state = 'waiting', attempts = 0, run_at = now(), lease_until = NULL
WHERE id = %(id)s::uuid AND channel NOT IN ('phone', 'page')
    AND (state IN ('dead', 'unsent') OR (state = 'waiting' AND attempts > 0)
         OR (state = 'delivered' AND audience = 'agency'))
    AND (lease_until IS NULL OR lease_until < now());

-- name: finish_call
UPDATE notices SET state = 'delivered', delivered_at = now()
WHERE id = %(id)s::uuid AND state = 'task';

-- name: gauge_notices
SELECT state, sum(total)::int AS total, max(oldest_seconds)::float8 AS oldest_seconds
FROM (
    SELECT CASE WHEN state = 'waiting' AND attempts > 0 THEN 'retrying' ELSE state END AS state,
           count(*) AS total, extract(epoch FROM now() - min(created_at)) AS oldest_seconds
    FROM notices
    WHERE state <> 'delivered'
    GROUP BY 1
    UNION ALL
    SELECT unnest(ARRAY['waiting', 'retrying', 'task', 'unsent', 'dead']), 0, 0
) AS counted
GROUP BY state;

-- part: endpoint_columns
id, agency_id, url, types, state, failing_since, created_at, created_by,
CASE WHEN old_secret_until > now() THEN old_secret_until END AS old_secret_until

-- name: add_endpoint
INSERT INTO webhook_endpoints (id, agency_id, url, types, sealed_secret, created_by)
VALUES (%(id)s::uuid, %(agency_id)s::text, %(url)s::text, %(types)s::text[],
        %(sealed_secret)s::bytea, %(created_by)s::text);

-- name: list_endpoints
SELECT {endpoint_columns}
FROM webhook_endpoints
WHERE %(id)s::uuid IS NULL OR id = %(id)s::uuid
ORDER BY agency_id, id;

-- name: change_endpoint
UPDATE webhook_endpoints
SET url = coalesce(%(url)s::text, url), types = coalesce(%(types)s::text[], types),
    state = coalesce(%(state)s::text, state),
    failing_since = CASE WHEN %(state)s::text = 'enabled' THEN NULL ELSE failing_since END
WHERE id = %(id)s::uuid;

-- name: rotate_secret
UPDATE webhook_endpoints
SET sealed_old_secret = sealed_secret, sealed_secret = %(sealed_secret)s::bytea,
    old_secret_until = now() + make_interval(hours => %(grace_hours)s::int)
WHERE id = %(id)s::uuid;

-- name: remove_endpoint
DELETE FROM webhook_endpoints WHERE id = %(id)s::uuid;

-- name: count_endpoints
SELECT count(*)::int AS total FROM webhook_endpoints WHERE agency_id = %(agency_id)s::text;

-- name: list_deliveries
SELECT a.id, n.id AS notice_id, n.template AS type, n.case_id, n.state, a.at, a.attempt,
       a.outcome, a.status, a.error, a.duration_ms
FROM notice_attempts a
JOIN notices n ON n.id = a.notice_id
WHERE n.recipient = %(endpoint_id)s::text AND n.audience = 'agency'
    AND (%(before)s::bigint IS NULL OR a.id < %(before)s::bigint)
ORDER BY a.id DESC
LIMIT %(limit)s::int;

-- name: redeliver
UPDATE notices
SET state = 'waiting', attempts = 0, run_at = now(), lease_until = NULL
WHERE id = %(id)s::uuid AND recipient = %(endpoint_id)s::text AND audience = 'agency'
    AND (lease_until IS NULL OR lease_until < now());

-- name: list_changes
SELECT x.id, x.txid::text AS txid, x.event_id, x.case_id, x.agency_id, x.held, x.at, x.action,
       x.from_state, x.to_state
FROM changes x
WHERE x.txid < pg_snapshot_xmin(pg_current_snapshot())
    AND (x.txid, x.id) > (%(after_txid)s::text::xid8, %(after_id)s::bigint)
    AND (%(agency_id)s::text IS NULL OR x.agency_id = %(agency_id)s::text)
    AND (%(departments)s::text[] IS NULL OR x.department = ANY(%(departments)s::text[]))
ORDER BY x.txid, x.id
LIMIT %(limit)s::int;
