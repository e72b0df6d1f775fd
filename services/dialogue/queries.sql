-- name: open_call
WITH interaction AS (
    INSERT INTO interactions (
        id, client, channel, external_id, session_id, consent, started_at, occurred_at, received_at)
    VALUES (
        %(id)s::uuid, %(client)s::text, 'voice', %(call_id)s::text, %(call_id)s::text,
        %(consent)s::jsonb, %(now)s::timestamptz, %(now)s::timestamptz, %(now)s::timestamptz)
)
INSERT INTO calls (
    id, client, call_id, body_sha256, caller_hash, dnis, link_sha256, opening, state, rev,
    started_at, last_at)
VALUES (
    %(id)s::uuid, %(client)s::text, %(call_id)s::text, %(body_sha256)s::bytea,
    %(caller_hash)s::text, %(dnis)s::text, %(link_sha256)s::bytea, %(opening)s::json,
    %(state)s::jsonb, %(rev)s::int, %(now)s::timestamptz, %(now)s::timestamptz);

-- name: find_opened_call
SELECT id, body_sha256, opening
FROM calls
WHERE client = %(client)s::text AND call_id = %(call_id)s::text;

-- name: load_call
SELECT c.id, c.client, c.call_id, c.state, c.sealed, c.turn_seq, c.turns,
       c.carried, c.rev, c.outcome,
       c.started_at, c.ended_at, t.body_sha256 AS stored_sha256, t.answer AS stored_answer
FROM calls c
LEFT JOIN call_turns t ON t.call_id = c.id AND t.turn_seq = %(turn_seq)s::int
WHERE c.id = %(id)s::uuid;

-- name: lock_call
SELECT turn_seq FROM calls WHERE id = %(id)s::uuid AND turns = %(before)s::int
    AND ended_at IS NULL
FOR UPDATE;

-- name: write_turn
WITH won AS (
    UPDATE calls
    SET turn_seq = %(call_seq)s::int, carried = %(carried)s::json, turns = turns + 1, state = %(state)s::jsonb,
        sealed = sealed || %(sealed)s::text[], rev = %(rev)s::int,
        abuse_level = %(abuse_level)s::int, emergency = %(emergency)s::boolean,
        connected = %(connected)s::text[], asked_in_vain = %(asked_in_vain)s::text[],
        outcome = %(outcome)s::text, last_at = %(now)s::timestamptz,
        ended_at = %(ended_at)s::timestamptz
    WHERE id = %(id)s::uuid AND turns = %(before)s::int AND ended_at IS NULL
    RETURNING id
), kept AS (
    INSERT INTO call_turns (call_id, turn_seq, body_sha256, at, event, said, confidence, answer)
    SELECT id, %(turn_seq)s::int, %(body_sha256)s::bytea, %(now)s::timestamptz, %(event)s::text,
           %(said)s::text, %(confidence)s::real, %(answer)s::json
    FROM won
)
SELECT CASE WHEN %(shown)s::boolean THEN pg_notify('minwon_call', id::text) END FROM won;

-- name: end_call
UPDATE calls
SET state = %(state)s::jsonb, outcome = %(outcome)s::text, ended_at = %(now)s::timestamptz
WHERE id = %(id)s::uuid AND turns = %(before)s::int AND ended_at IS NULL
RETURNING pg_notify('minwon_call', id::text);

-- name: close_interaction
UPDATE interactions
SET outcome = %(outcome)s::text, ended_at = %(now)s::timestamptz,
    segments = (
        SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                   'speaker', line.speaker, 'text', line.text, 'confidence', line.confidence,
                   'start_ms', greatest(0, extract(epoch FROM line.at - started_at) / 0.001)::int))
               ORDER BY line.at, line.turn_seq, line.place)
        FROM (
            SELECT t.turn_seq, 0 AS place, t.at, 'caller' AS speaker, t.said AS text,
                   t.confidence
            FROM call_turns t
            WHERE t.call_id = %(id)s::uuid AND t.said <> ''
            UNION ALL
            SELECT t.turn_seq, 1, t.at, 'agent',
                   string_agg(coalesce(d ->> 'text', d ->> 'prompt'), ' '), NULL::real
            FROM call_turns t
            CROSS JOIN LATERAL json_array_elements(t.answer -> 'directives') AS d
            WHERE t.call_id = %(id)s::uuid AND d ->> 'type' IN ('say', 'ask')
            GROUP BY t.turn_seq, t.at
        ) AS line)
WHERE id = %(id)s::uuid AND outcome IS NULL;

-- name: list_dropped_calls
SELECT id, client
FROM calls
WHERE ended_at IS NULL AND last_at < %(before)s::timestamptz
ORDER BY last_at
LIMIT %(limit)s::int;

-- name: show_call
SELECT state, rev, ended_at FROM calls WHERE id = %(id)s::uuid;

-- name: find_call_of_page
SELECT id, client, ended_at FROM calls WHERE link_sha256 = %(link_sha256)s::bytea;

-- name: find_call_to_show
SELECT id, client, ended_at
FROM calls
WHERE client = %(client)s::text AND (id = %(id)s::uuid OR call_id = %(named)s::text);
