-- name: show_presence
INSERT INTO presences (case_id, who, name) VALUES (%(case_id)s::uuid, %(who)s::text, %(name)s::text)
ON CONFLICT (case_id, who) DO UPDATE SET seen_at = now(), name = excluded.name;

-- name: list_presences
SELECT name, seen_at
FROM presences
WHERE case_id = %(case_id)s::uuid AND who <> %(who)s::text
    AND seen_at > now() - make_interval(secs => %(life_seconds)s::float8)
ORDER BY seen_at DESC, who;

-- name: forget_presences
DELETE FROM presences WHERE seen_at < now() - interval '1 hour';
