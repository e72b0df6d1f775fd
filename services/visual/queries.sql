-- part: session_columns
id, client, menu_version, rev, state, words, created_at, expires_at, closed_at

-- name: add_visual_session
INSERT INTO visual_sessions (
    id, token_sha256, client, menu_version, rev, state, created_at, expires_at)
VALUES (%(id)s::uuid, %(token_sha256)s::bytea, %(client)s::text, %(menu_version)s::text,
        %(rev)s::int, %(state)s::jsonb, %(now)s::timestamptz, %(expires_at)s::timestamptz)
RETURNING {session_columns};

-- name: find_visual_session
SELECT {session_columns}
FROM visual_sessions
WHERE token_sha256 = %(token_sha256)s::bytea;

-- name: save_visual_session
UPDATE visual_sessions
SET rev = %(rev)s::int, state = %(state)s::jsonb, words = %(words)s::bytea,
    expires_at = %(expires_at)s::timestamptz
WHERE id = %(id)s::uuid AND rev = %(before)s::int AND closed_at IS NULL
RETURNING {session_columns};

-- name: lock_expired_visual_sessions
SELECT {session_columns}
FROM visual_sessions
WHERE closed_at IS NULL AND expires_at < now()
ORDER BY random() -- so that those refused every time hold up no others
LIMIT %(limit)s::int
FOR UPDATE SKIP LOCKED;

-- name: close_visual_session
UPDATE visual_sessions
SET closed_at = now(), words = NULL, state = %(state)s::jsonb, rev = rev + 1
WHERE id = %(id)s::uuid AND closed_at IS NULL;

-- name: forget_visual_sessions
DELETE FROM visual_sessions WHERE closed_at < now() - interval '7 days';

-- name: gauge_visual_sessions
SELECT CASE WHEN expires_at < now() THEN 'expired' ELSE 'open' END AS state, count(*)::int,
       extract(epoch FROM now() - min(created_at))::float8
FROM visual_sessions
WHERE closed_at IS NULL
GROUP BY 1;
