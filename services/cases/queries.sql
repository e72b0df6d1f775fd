-- part: case_columns
id, interaction_id, receipt_number, client, channel, state, version, title, text, lat, lon,
address, dong, service, kind, urgency, district, road_class, agency_id, department,
confidence, candidates, reasons, decision, model_version, petition_kind, assignee, bounces,
reply, outcome, outcome_reason, remedy, officer, submitted_by, close_reason, parent_id,
previous_id, bound, paused_since, pauses, waits_until, survey_until, survey_extended, extensions,
extended_at, extended_to, handover_due_at, occurred_at, received_at, due_at, triaged_at,
first_response_at, resolved_at, closed_at, updated_at

-- name: find_case
SELECT {case_columns}
FROM cases
WHERE id = %(id)s::uuid;

-- name: lock_cases
SELECT {case_columns}
FROM cases
WHERE id = ANY(%(ids)s::uuid[])
ORDER BY id
FOR UPDATE;

-- name: lock_children
SELECT {case_columns}
FROM cases
WHERE parent_id = %(id)s::uuid
ORDER BY id
FOR UPDATE;

-- name: find_case_by_receipt
SELECT {case_columns}
FROM cases
WHERE receipt_number = %(receipt_number)s::text;

-- name: find_silent_call
SELECT complaint_id, received_at
FROM intake_keys
WHERE complaint_id = %(id)s::uuid AND client = %(client)s::text AND receipt_number IS NULL;

-- name: save_case
UPDATE cases
SET state = %(state)s::text, version = version + 1, service = %(service)s::text,
    kind = %(kind)s::text, urgency = %(urgency)s::smallint, agency_id = %(agency_id)s::text,
    department = %(department)s::text, petition_kind = %(petition_kind)s::text,
    assignee = %(assignee)s::text, bounces = %(bounces)s::smallint, reply = %(reply)s::text,
    outcome = %(outcome)s::text, outcome_reason = %(outcome_reason)s::text,
    remedy = %(remedy)s::text, officer = %(officer)s::text,
    submitted_by = %(submitted_by)s::text, close_reason = %(close_reason)s::text,
    parent_id = %(parent_id)s::uuid, bound = %(bound)s::boolean,
    paused_since = %(paused_since)s::timestamptz, pauses = %(pauses)s::tstzrange[],
    waits_until = %(waits_until)s::timestamptz, survey_until = %(survey_until)s::timestamptz,
    survey_extended = %(survey_extended)s::boolean, extensions = %(extensions)s::smallint,
    extended_at = %(extended_at)s::timestamptz, extended_to = %(extended_to)s::timestamptz,
    handover_due_at = %(handover_due_at)s::timestamptz, due_at = %(due_at)s::timestamptz,
    first_response_at = %(first_response_at)s::timestamptz,
    resolved_at = %(resolved_at)s::timestamptz, closed_at = %(closed_at)s::timestamptz,
    updated_at = %(updated_at)s::timestamptz
WHERE id = %(id)s::uuid AND version = %(version)s::int
RETURNING version;

-- name: add_event
WITH told AS (
    INSERT INTO case_events (case_id, at, actor, action, from_state, to_state, data)
    VALUES (%(case_id)s::uuid, %(at)s::timestamptz, %(actor)s::text, %(action)s::text,
            %(from_state)s::text, %(to_state)s::text, %(data)s::jsonb)
)
INSERT INTO outbox (topic, case_id) VALUES ('notice', %(case_id)s::uuid);

-- name: add_corrections
INSERT INTO corrections (case_id, at, actor, model_version, field, before, after)
SELECT %(case_id)s::uuid, %(at)s::timestamptz, %(actor)s::text, %(model_version)s::text,
       c.field, c.before, c.after
FROM unnest(%(fields)s::text[], %(befores)s::text[], %(afters)s::text[])
    AS c (field, before, after);

-- name: list_events
SELECT id, at, actor, action, from_state, to_state, data
FROM case_events
WHERE case_id = %(case_id)s::uuid
ORDER BY at, id;

-- name: list_segments
SELECT segments FROM interactions WHERE id = %(id)s::uuid;

-- name: list_queue
SELECT {case_columns}
FROM cases
WHERE (%(agency_id)s::text IS NULL OR agency_id = %(agency_id)s::text)
    AND state = ANY(%(states)s::text[])
    AND (%(departments)s::text[] IS NULL OR department = ANY(%(departments)s::text[]))
    AND (%(service)s::text IS NULL OR service = %(service)s::text)
    AND (%(urgency)s::smallint IS NULL OR urgency = %(urgency)s::smallint)
    AND (NOT %(overdue)s::boolean
         OR (due_at < %(now)s::timestamptz AND paused_since IS NULL))
    AND (%(assignee)s::text IS NULL OR assignee = %(assignee)s::text)
    AND (%(not_by)s::text IS NULL OR submitted_by IS DISTINCT FROM %(not_by)s::text)
    AND (%(words)s::tsquery IS NULL OR id IN (SELECT matching_cases(%(words)s::tsquery)))
    AND (%(after_id)s::uuid IS NULL
         OR (due_at, urgency, id)
            > (%(after_due)s::timestamptz, %(after_urgency)s::smallint, %(after_id)s::uuid))
ORDER BY due_at, urgency, id
LIMIT %(limit)s::int;

-- name: count_work
SELECT count(*) FILTER (WHERE assignee = %(by)s::text)::int AS mine,
       count(*) FILTER (WHERE state = 'routed')::int AS unclaimed,
       count(*) FILTER (WHERE due_at < %(now)s::timestamptz AND paused_since IS NULL)::int AS late,
       count(*) FILTER (WHERE state = 'approval' AND parent_id IS NULL
                        AND submitted_by IS DISTINCT FROM %(by)s::text)::int AS to_approve
FROM cases
WHERE (%(agency_id)s::text IS NULL OR agency_id = %(agency_id)s::text)
    AND state = ANY(%(states)s::text[])
    AND (%(departments)s::text[] IS NULL OR department = ANY(%(departments)s::text[]));

-- name: list_children
SELECT {case_columns}
FROM cases
WHERE parent_id = %(id)s::uuid
ORDER BY id;

-- name: claim_next
WITH next AS (
    SELECT id FROM cases
    WHERE agency_id = %(agency_id)s::text AND state = 'routed' AND parent_id IS NULL
        AND (%(departments)s::text[] IS NULL OR department = ANY(%(departments)s::text[]))
    ORDER BY urgency, due_at, id
    LIMIT %(limit)s::int
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE cases
    SET state = 'assigned', assignee = %(actor)s::text, version = version + 1,
        handover_due_at = NULL, updated_at = %(now)s::timestamptz
    WHERE id IN (SELECT id FROM next)
    RETURNING {case_columns}
), told AS (
    INSERT INTO case_events (case_id, at, actor, action, from_state, to_state, data)
    SELECT id, %(now)s::timestamptz, %(actor)s::text, 'claim', 'routed', 'assigned',
           jsonb_build_object('assignee', %(actor)s::text)
    FROM claimed
), noticed AS (
    INSERT INTO outbox (topic, case_id) SELECT 'notice', id FROM claimed
)
SELECT {case_columns}
FROM claimed
ORDER BY urgency, due_at, id;

-- name: claim_merged
WITH claimed AS (
    UPDATE cases
    SET state = 'assigned', assignee = %(actor)s::text, version = version + 1,
        handover_due_at = NULL, updated_at = %(now)s::timestamptz
    WHERE parent_id = ANY(%(parents)s::uuid[]) AND state = 'routed'
    RETURNING id
), told AS (
    INSERT INTO case_events (case_id, at, actor, action, from_state, to_state, data)
    SELECT id, %(now)s::timestamptz, %(actor)s::text, 'claim', 'routed', 'assigned',
           jsonb_build_object('assignee', %(actor)s::text)
    FROM claimed
)
INSERT INTO outbox (topic, case_id) SELECT 'notice', id FROM claimed;

-- name: list_review
SELECT {case_columns}
FROM cases
WHERE state IN ('review', 'reroute_requested', 'arbitration')
    AND (%(after_id)s::uuid IS NULL
         OR (urgency, received_at, id)
            > (%(after_urgency)s::smallint, %(after_received)s::timestamptz, %(after_id)s::uuid))
ORDER BY urgency, received_at, id
LIMIT %(limit)s::int;

-- name: list_similar
WITH mine AS (
    SELECT v.embedding, v.model_version, c.agency_id
    FROM case_vectors v
    JOIN cases c ON c.id = v.case_id
    WHERE v.case_id = %(id)s::uuid
)
SELECT c.id, c.receipt_number, c.state, c.service, c.text, c.reply, c.outcome, c.resolved_at,
       (1 - (v.embedding <=> mine.embedding))::float8 AS similarity
FROM mine
JOIN case_vectors v ON v.model_version = mine.model_version AND v.case_id <> %(id)s::uuid
JOIN cases c ON c.id = v.case_id
WHERE c.state IN ('resolved', 'closed') AND c.reply IS NOT NULL
    AND (mine.agency_id IS NULL OR c.agency_id = mine.agency_id)
    AND (%(departments)s::text[] IS NULL OR c.department = ANY(%(departments)s::text[]))
ORDER BY v.embedding <=> mine.embedding, c.id
LIMIT %(limit)s::int;

-- name: load_untriaged
SELECT c.id, c.channel, c.title, c.text, c.lat, c.lon, c.address, c.dong, c.received_at,
       c.occurred_at, i.menu_version, i.menu_path
FROM cases c
JOIN interactions i ON i.id = c.interaction_id
WHERE c.id = ANY(%(ids)s::uuid[]) AND c.state = 'received';

-- name: write_triaged
WITH given AS (
    SELECT g.id, g.state, g.service, g.kind, g.urgency, g.district, g.dong, g.road_class,
           g.agency_id, g.department, g.confidence, g.candidates, g.reasons, g.decision,
           g.model_version, g.petition_kind, g.due_at, g.handover_due_at, g.embedding
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS g (
        id uuid, state text, service text, kind text, urgency smallint, district text, dong text,
        road_class text, agency_id text, department text, confidence real, candidates jsonb,
        reasons jsonb, decision text, model_version text, petition_kind text, due_at timestamptz,
        handover_due_at timestamptz, embedding text)
), written AS (
    UPDATE cases c
    SET state = g.state, version = c.version + 1, service = g.service, kind = g.kind,
        urgency = g.urgency, district = g.district, dong = coalesce(c.dong, g.dong),
        road_class = g.road_class, agency_id = g.agency_id, department = g.department,
        confidence = g.confidence, candidates = g.candidates, reasons = g.reasons,
        decision = g.decision, auto_routed = (g.state = 'routed'), model_version = g.model_version, petition_kind = g.petition_kind,
        due_at = g.due_at, handover_due_at = g.handover_due_at, triaged_at = now(), updated_at = now()
    FROM given g
    WHERE c.id = g.id AND c.state = 'received'
    RETURNING c.id, c.channel, c.received_at, g.state, g.model_version, g.embedding
), told AS (
    INSERT INTO case_events (case_id, at, actor, action, from_state, to_state, data)
    SELECT id, received_at, 'channel', 'receive', NULL, 'received',
           jsonb_build_object('channel', channel)
    FROM written
    UNION ALL
    SELECT id, now(), 'system', CASE state WHEN 'routed' THEN 'route' ELSE 'review' END,
           'received', state, jsonb_build_object('model_version', model_version)
    FROM written
), noticed AS (
    INSERT INTO outbox (topic, case_id) SELECT 'notice', id FROM written
), embedded AS (
    INSERT INTO case_vectors (case_id, model_version, embedding)
    SELECT id, model_version, embedding::halfvec
    FROM written
    WHERE embedding IS NOT NULL
    ON CONFLICT (case_id, model_version) DO NOTHING
)
SELECT id FROM written;

-- name: list_orphans
SELECT c.id
FROM cases c
WHERE c.state = 'received' AND c.received_at < now() - interval '60 seconds'
    AND NOT EXISTS (SELECT FROM outbox o WHERE o.case_id = c.id AND o.topic = 'triage')
LIMIT %(limit)s::int;

-- name: requeue_orphans
INSERT INTO outbox (topic, case_id) SELECT 'triage', unnest(%(ids)s::uuid[]);

-- name: list_labels
SELECT c.id, c.title, c.text, c.channel, c.service, c.kind, c.urgency, c.district, c.road_class
FROM cases c
WHERE c.service IS NOT NULL AND c.kind IS NOT NULL AND c.text <> ''
    AND c.updated_at >= %(since)s::timestamptz
    AND (c.state IN ('approval', 'resolved', 'closed')
         OR EXISTS (SELECT FROM corrections k WHERE k.case_id = c.id))
    AND c.close_reason IS DISTINCT FROM 'withdrawn'
ORDER BY c.id;

-- name: database_time
SELECT now();

-- name: list_waits_over
SELECT id
FROM cases
WHERE waits_until < now() AND parent_id IS NULL
    AND state IN ('supplement', 'field_survey', 'cooperation')
ORDER BY waits_until
LIMIT %(limit)s::int;

-- name: list_to_close
SELECT c.id
FROM cases c
LEFT JOIN contacts k ON k.case_id = c.id
WHERE c.state = 'resolved' AND c.parent_id IS NULL
    AND (k.case_id IS NULL OR k.reply_by = 'none'
         OR c.resolved_at < now() - make_interval(days => %(undelivered_days)s::int))
ORDER BY c.resolved_at
LIMIT %(limit)s::int;

-- part: question_columns
id, case_id, receipt_number, agency_id, department, text, asked_by, asked_at, due_at, answer,
answered_by, answered_at

-- name: add_question
INSERT INTO cooperations (
    id, case_id, receipt_number, agency_id, department, text, asked_by, asked_at, due_at)
VALUES (%(id)s::uuid, %(case_id)s::uuid, %(receipt_number)s::text, %(agency_id)s::text,
        %(department)s::text, %(text)s::text, %(asked_by)s::text, %(asked_at)s::timestamptz,
        %(due_at)s::timestamptz);

-- name: find_question
SELECT {question_columns}
FROM cooperations
WHERE id = %(id)s::uuid;

-- name: list_questions
SELECT {question_columns}
FROM cooperations
WHERE answered_at IS NULL AND cancelled_at IS NULL
    AND (%(agency_id)s::text IS NULL OR agency_id = %(agency_id)s::text)
    AND (%(departments)s::text[] IS NULL OR department = ANY(%(departments)s::text[]))
    AND (%(after)s::uuid IS NULL OR id > %(after)s::uuid)
ORDER BY id
LIMIT %(limit)s::int;

-- name: list_questions_of_case
SELECT {question_columns}
FROM cooperations
WHERE case_id = %(case_id)s::uuid
ORDER BY id;

-- name: count_questions
SELECT count(*)::int
FROM cooperations
WHERE case_id = %(case_id)s::uuid AND answered_at IS NULL AND cancelled_at IS NULL;

-- name: answer_question
UPDATE cooperations
SET answer = %(answer)s::text, answered_by = %(answered_by)s::text,
    answered_at = %(now)s::timestamptz
WHERE id = %(id)s::uuid AND answered_at IS NULL AND cancelled_at IS NULL;

-- name: cancel_questions
UPDATE cooperations
SET cancelled_at = %(now)s::timestamptz
WHERE case_id = %(case_id)s::uuid AND answered_at IS NULL AND cancelled_at IS NULL;

-- name: list_alike
WITH mine AS (
    SELECT c.agency_id, c.service, c.received_at, c.lat, c.lon, c.dong, v.embedding,
           v.model_version, k.person_key
    FROM cases c
    JOIN case_vectors v ON v.case_id = c.id AND v.model_version = c.model_version
    LEFT JOIN contacts k ON k.case_id = c.id
    WHERE c.id = %(id)s::uuid
), placed AS (
    SELECT c.id, c.receipt_number, c.state, c.received_at, k.person_key,
           k.person_key = mine.person_key AS same_person,
           v.embedding <=> mine.embedding AS distance,
           CASE WHEN c.lat IS NOT NULL AND mine.lat IS NOT NULL
               THEN abs(c.lat - mine.lat) <= %(degrees)s::float8
                    AND abs(c.lon - mine.lon) <= %(degrees)s::float8 / cos(radians(mine.lat))
               ELSE c.dong = mine.dong END AS same_place
    FROM mine
    JOIN cases c ON c.agency_id = mine.agency_id AND c.service = mine.service
        AND c.received_at > mine.received_at - make_interval(days => %(days)s::int)
        AND c.id <> %(id)s::uuid AND c.parent_id IS NULL
    JOIN case_vectors v ON v.case_id = c.id AND v.model_version = mine.model_version
    LEFT JOIN contacts k ON k.case_id = c.id
    WHERE 1 - (v.embedding <=> mine.embedding) >= %(alike)s::float8
)
SELECT id, receipt_number, state, received_at, person_key, same_person, same_place,
       (1 - distance)::float8 AS similarity,
       EXISTS (SELECT FROM case_events e
               WHERE e.case_id = placed.id AND e.action = 'finish'
                   AND e.data @> '{"delivered": true}') AS notified
FROM placed
WHERE same_place IS NOT false
ORDER BY distance, id
LIMIT %(limit)s::int;
