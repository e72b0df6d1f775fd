-- name: claim_work
WITH due AS (
    SELECT id FROM outbox
    WHERE topic = %(topic)s::text AND dead_at IS NULL AND run_at <= now()
        AND (lease_until IS NULL OR lease_until < now())
        AND attempts < %(max_attempts)s::int
        AND (attempts = 0) = %(fresh)s::boolean
    ORDER BY run_at, id
    LIMIT %(limit)s::int
    FOR UPDATE SKIP LOCKED
)
UPDATE outbox o
SET lease_until = now() + make_interval(secs => %(lease_seconds)s::float8),
    fence = o.fence + 1, attempts = o.attempts + 1, hinted_at = coalesce(o.hinted_at, now())
FROM due
WHERE o.id = due.id
RETURNING o.id, o.case_id, o.fence, o.attempts;

-- name: extend_lease
UPDATE outbox o
SET lease_until = now() + make_interval(secs => %(lease_seconds)s::float8)
FROM unnest(%(ids)s::bigint[], %(fences)s::int[]) AS held (id, fence)
WHERE o.id = held.id AND o.fence = held.fence;

-- name: finish_work
DELETE FROM outbox o
USING unnest(%(ids)s::bigint[], %(fences)s::int[]) AS held (id, fence)
WHERE o.id = held.id AND o.fence = held.fence AND o.dead_at IS NULL
RETURNING o.case_id;

-- name: put_back_work
UPDATE outbox o
SET lease_until = NULL, last_error = %(error)s::text,
    run_at = now() + make_interval(secs => %(delay_seconds)s::float8)
FROM unnest(%(ids)s::bigint[], %(fences)s::int[]) AS held (id, fence)
WHERE o.id = held.id AND o.fence = held.fence;

-- name: take_exhausted
UPDATE outbox
SET dead_at = now(), lease_until = NULL
WHERE topic = %(topic)s::text AND dead_at IS NULL AND attempts >= %(max_attempts)s::int
    AND (lease_until IS NULL OR lease_until < now())
RETURNING case_id;

-- name: revive_dead
UPDATE outbox
SET dead_at = NULL, attempts = %(attempts)s::int, run_at = now()
WHERE topic = %(topic)s::text AND dead_at < now() - make_interval(secs => %(seconds)s::float8);

-- name: mark_hinted
WITH fresh AS (
    SELECT id FROM outbox
    WHERE hinted_at IS NULL AND dead_at IS NULL
    ORDER BY id
    LIMIT %(limit)s::int
    FOR UPDATE SKIP LOCKED
)
UPDATE outbox o SET hinted_at = now() FROM fresh WHERE o.id = fresh.id
RETURNING o.topic;

-- name: count_claimable
SELECT topic, count(*)::int AS due, extract(epoch FROM now() - min(run_at))::float8 AS oldest_seconds
FROM outbox
WHERE dead_at IS NULL AND run_at <= now() AND (lease_until IS NULL OR lease_until < now())
GROUP BY topic;

-- name: beat_heart
INSERT INTO heartbeats (process, at) VALUES (%(process)s::text, now())
ON CONFLICT (process) DO UPDATE SET at = excluded.at;

-- name: begin_job
INSERT INTO job_runs (job, period)
VALUES (%(job)s::text,
        date_bin(make_interval(secs => %(seconds)s::float8), now(), '2000-01-01 00:00:00+00'))
ON CONFLICT (job, period) DO NOTHING;

-- name: forget_old_runs
DELETE FROM job_runs WHERE period < now() - interval '2 days';
