-- name: store_intakes
WITH given AS (
    SELECT g.client, g.key, g.body_sha256, g.complaint_id, g.interaction_id, g.has_case,
           g.channel, g.external_id, g.session_id, g.engine, g.segments, g.menu_version,
           g.menu_path, g.attachments, g.consent, g.started_at, g.ended_at, g.occurred_at,
           g.received_at, g.due_at, g.title, g.text, g.lat, g.lon, g.address, g.dong, g.sealed, g.reply_by,
           g.uploads, g.incomplete, g.person_key, g.previous_id
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS g (
        client text, key text, body_sha256 text, complaint_id uuid, interaction_id uuid,
        has_case boolean, channel text, external_id text, session_id text, engine text,
        segments jsonb, menu_version text, menu_path text[], attachments jsonb, consent jsonb,
        started_at timestamptz, ended_at timestamptz, occurred_at timestamptz,
        received_at timestamptz, due_at timestamptz, title text, text text, lat double precision,
        lon double precision, address text, dong text, sealed text, reply_by text,
        uploads uuid[], incomplete boolean, person_key text, previous_id uuid)
), fresh AS (
    INSERT INTO intake_keys (client, key, body_sha256, complaint_id, receipt_number, received_at)
    SELECT client, key, decode(body_sha256, 'hex'), complaint_id,
           CASE WHEN has_case THEN
               to_char(received_at AT TIME ZONE %(timezone)s::text, 'YYYYMMDD')
               || '-' || to_char(nextval('receipt_numbers'), 'FM9990000000')
           END,
           received_at
    FROM given
    ORDER BY client, key  -- two writers that share keys must not deadlock
    ON CONFLICT (client, key) DO NOTHING
    RETURNING complaint_id, receipt_number
), interaction AS (
    INSERT INTO interactions (
        id, client, channel, external_id, session_id, engine, segments, menu_version, menu_path,
        attachments, consent, started_at, ended_at, occurred_at, received_at, outcome)
    SELECT interaction_id, client, channel, external_id, session_id, engine, segments,
           menu_version, menu_path, attachments, consent, started_at, ended_at, occurred_at,
           received_at, CASE WHEN has_case THEN 'reported' ELSE 'abandoned' END
    FROM given JOIN fresh USING (complaint_id)
    ON CONFLICT DO NOTHING  -- a live call has its interaction from its first moment on
), filed AS (
    INSERT INTO cases (
        id, interaction_id, receipt_number, client, channel, state, title, text, lat, lon,
        address, dong, incomplete, occurred_at, received_at, due_at, updated_at,
        previous_id)
    SELECT complaint_id, interaction_id, fresh.receipt_number, client, channel, 'received',
           title, text, lat, lon, address, dong, incomplete, occurred_at, received_at, due_at,
           received_at, previous_id
    FROM given JOIN fresh USING (complaint_id)
    WHERE has_case
), contact AS (
    INSERT INTO contacts (case_id, sealed, reply_by, created_at, person_key)
    SELECT complaint_id, convert_to(sealed, 'UTF8'), reply_by, received_at, person_key
    FROM given JOIN fresh USING (complaint_id)
    WHERE has_case AND sealed IS NOT NULL
), taken AS (
    DELETE FROM uploads u
    USING (SELECT g.complaint_id, g.client, unnest(g.uploads) AS id
           FROM given g JOIN fresh USING (complaint_id)) AS named
    WHERE u.id = named.id AND u.client = named.client AND u.stored
        AND u.created_at > now() - interval '1 day'
    RETURNING u.id, named.complaint_id, u.name, u.media_type, u.size, u.sha256, u.created_at
), attached AS (
    INSERT INTO attachments (id, case_id, name, media_type, size, sha256, created_at)
    SELECT id, complaint_id, name, media_type, size, sha256, created_at FROM taken
), work AS (
    INSERT INTO outbox (topic, case_id)
    SELECT 'triage', complaint_id
    FROM given JOIN fresh USING (complaint_id)
    WHERE has_case
)
SELECT complaint_id, receipt_number FROM fresh;

-- name: find_replayed
SELECT k.client, k.key, k.body_sha256, k.complaint_id, k.receipt_number, k.received_at
FROM intake_keys k
JOIN unnest(%(clients)s::text[], %(keys)s::text[]) AS asked (client, key)
    ON k.client = asked.client AND k.key = asked.key;

-- name: forget_intake_keys
DELETE FROM intake_keys WHERE received_at < now() - interval '7 days';

-- name: add_upload
INSERT INTO uploads (id, client, name, media_type, size, sha256)
SELECT %(id)s::uuid, %(client)s::text, %(name)s::text, %(media_type)s::text, %(size)s::int,
       %(sha256)s::bytea
FROM (SELECT count(*) AS files, coalesce(sum(size), 0) AS bytes
      FROM uploads WHERE client = %(client)s::text) AS held
WHERE held.files < %(most_files)s::int
    AND held.bytes + %(size)s::int <= %(most_bytes)s::bigint;

-- name: mark_stored
UPDATE uploads SET stored = true WHERE id = %(id)s::uuid;

-- name: find_held_uploads
SELECT client, id
FROM uploads
WHERE id = ANY(%(ids)s::uuid[]) AND stored AND created_at > now() - interval '1 day';

-- name: bind_uploads
WITH taken AS (
    DELETE FROM uploads
    WHERE id = ANY(%(ids)s::uuid[]) AND client = %(client)s::text AND stored
        AND created_at > now() - interval '1 day'
    RETURNING id, name, media_type, size, sha256
)
INSERT INTO attachments (id, case_id, name, media_type, size, sha256, created_at)
SELECT id, %(case_id)s::uuid, name, media_type, size, sha256, %(now)s::timestamptz FROM taken;

-- name: take_stale_uploads
DELETE FROM uploads
WHERE id IN (
    SELECT id FROM uploads
    WHERE created_at < now() - interval '25 hours'
    ORDER BY created_at
    LIMIT %(limit)s::int
    FOR UPDATE SKIP LOCKED)
RETURNING id;

-- name: list_attachments
SELECT id, case_id, name, media_type, size, sha256, created_at
FROM attachments
WHERE case_id = %(case_id)s::uuid
ORDER BY created_at, id;

-- name: find_attachment
SELECT id, case_id, name, media_type, size, sha256, created_at
FROM attachments
WHERE id = %(id)s::uuid;

-- name: find_contact
SELECT sealed, reply_by FROM contacts WHERE case_id = %(case_id)s::uuid;
