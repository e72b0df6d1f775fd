-- name: list_deadlines
SELECT c.id, c.due_at, c.petition_kind, c.agency_id, c.department,
       ARRAY(SELECT r.kind FROM reminders r WHERE r.case_id = c.id AND r.mark = c.due_at) AS told
FROM cases c
WHERE c.due_at <= %(horizon)s::timestamptz AND c.paused_since IS NULL
    AND c.state NOT IN ('draft', 'received', 'resolved', 'closed', 'transferred_out')
    AND (%(after_id)s::uuid IS NULL
         OR (c.due_at, c.id) > (%(after_due)s::timestamptz, %(after_id)s::uuid))
    AND NOT EXISTS (SELECT FROM reminders r
                    WHERE r.case_id = c.id AND r.mark = c.due_at AND r.kind = 'escalated')
ORDER BY c.due_at, c.id
LIMIT %(limit)s::int;

-- name: tell_reminders
WITH given AS (
    SELECT g.case_id, g.kind, g.mark, g.data
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS g (
        case_id uuid, kind text, mark timestamptz, data jsonb)
), still AS (
    SELECT g.case_id, g.kind, g.mark, g.data, c.state
    FROM given g
    JOIN cases c ON c.id = g.case_id AND c.due_at = g.mark AND c.paused_since IS NULL
    WHERE c.state NOT IN ('draft', 'received', 'resolved', 'closed', 'transferred_out')
    FOR SHARE OF c
), fresh AS (
    INSERT INTO reminders (case_id, kind, mark)
    SELECT case_id, kind, mark FROM still ORDER BY case_id, kind
    ON CONFLICT (case_id, kind, mark) DO NOTHING
    RETURNING case_id, kind, mark
), told AS (
    INSERT INTO case_events (case_id, at, actor, action, from_state, to_state, data)
    SELECT s.case_id, %(now)s::timestamptz, 'system', s.kind, s.state, s.state, s.data
    FROM still s
    JOIN fresh USING (case_id, kind, mark)
    ORDER BY s.mark, s.case_id, s.kind = 'escalated'
    RETURNING case_id
), noticed AS (
    INSERT INTO outbox (topic, case_id) SELECT 'notice', case_id FROM told
)
SELECT case_id FROM fresh;

-- name: tell_progress
WITH passed AS (
    SELECT c.id, c.state, c.received_at,
           date_bin(make_interval(days => %(every)s::int), %(now)s::timestamptz, c.received_at)
               AS mark
    FROM cases c
    WHERE c.received_at <= %(now)s::timestamptz - make_interval(days => %(every)s::int)
        AND c.state NOT IN ('draft', 'received', 'resolved', 'closed', 'transferred_out')
), long AS (
    SELECT p.id, p.state, p.mark, extract(day FROM p.mark - p.received_at)::int AS passed
    FROM passed p
    WHERE NOT EXISTS (SELECT FROM reminders r
                      WHERE r.case_id = p.id AND r.kind = 'progress' AND r.mark = p.mark)
    ORDER BY p.received_at, p.id
    LIMIT %(limit)s::int
), fresh AS (
    INSERT INTO reminders (case_id, kind, mark)
    SELECT id, 'progress', mark FROM long
    ON CONFLICT (case_id, kind, mark) DO NOTHING
    RETURNING case_id
), told AS (
    INSERT INTO case_events (case_id, at, actor, action, from_state, to_state, data)
    SELECT l.id, %(now)s::timestamptz, 'system', 'progress', l.state, l.state,
           jsonb_build_object('days', l.passed)
    FROM long l
    JOIN fresh f ON f.case_id = l.id
    RETURNING case_id
), noticed AS (
    INSERT INTO outbox (topic, case_id) SELECT 'notice', case_id FROM told
)
SELECT case_id FROM fresh;

-- name: tell_late_handovers
WITH late AS (
    SELECT c.id, c.state, c.handover_due_at AS mark
    FROM cases c
    WHERE c.handover_due_at <= %(now)s::timestamptz AND c.parent_id IS NULL
        AND c.state IN ('routed', 'review', 'reroute_requested', 'arbitration')
        AND NOT EXISTS (SELECT FROM reminders r
                        WHERE r.case_id = c.id AND r.kind = 'handover_late'
                            AND r.mark = c.handover_due_at)
    ORDER BY c.handover_due_at, c.id
    LIMIT %(limit)s::int
    FOR SHARE OF c
), fresh AS (
    INSERT INTO reminders (case_id, kind, mark)
    SELECT id, 'handover_late', mark FROM late
    ON CONFLICT (case_id, kind, mark) DO NOTHING
    RETURNING case_id
), told AS (
    INSERT INTO case_events (case_id, at, actor, action, from_state, to_state, data)
    SELECT l.id, %(now)s::timestamptz, 'system', 'handover_late', l.state, l.state,
           jsonb_build_object('until', l.mark)
    FROM late l
    JOIN fresh f ON f.case_id = l.id
    RETURNING case_id
), noticed AS (
    INSERT INTO outbox (topic, case_id) SELECT 'notice', case_id FROM told
)
SELECT case_id FROM fresh;

-- name: store_overdue_list
WITH late AS (
    INSERT INTO overdue_lists (month, case_id, agency_id, department, state, due_at, resolved_at)
    SELECT %(month)s::date, c.id, c.agency_id, c.department, c.state, c.due_at, c.resolved_at
    FROM cases c
    WHERE c.due_at < %(until)s::timestamptz AND c.state NOT IN ('draft', 'transferred_out')
        AND ((c.resolved_at > c.due_at AND c.resolved_at >= %(since)s::timestamptz)
             OR (c.resolved_at IS NULL AND c.paused_since IS NULL
                 AND c.state NOT IN ('draft', 'received', 'resolved', 'closed',
                                     'transferred_out')))
    ON CONFLICT (month, case_id) DO NOTHING
    RETURNING case_id, state
)
INSERT INTO case_events (case_id, at, actor, action, from_state, to_state, data)
SELECT case_id, %(now)s::timestamptz, 'system', 'overdue_listed', state, state,
       jsonb_build_object('month', to_char(%(month)s::date, 'YYYY-MM'))
FROM late;

-- name: list_overdue
SELECT o.case_id, c.receipt_number, o.agency_id, o.department, o.state, o.due_at, o.resolved_at
FROM overdue_lists o
JOIN cases c ON c.id = o.case_id
WHERE o.month = %(month)s::date
    AND (%(agency_id)s::text IS NULL OR o.agency_id = %(agency_id)s::text)
    AND (%(departments)s::text[] IS NULL OR o.department = ANY(%(departments)s::text[]))
    AND (%(after_id)s::uuid IS NULL
         OR (o.due_at, o.case_id) > (%(after_due)s::timestamptz, %(after_id)s::uuid))
ORDER BY o.due_at, o.case_id
LIMIT %(limit)s::int;

-- name: count_deadlines
SELECT agency_id, department,
       count(*) FILTER (WHERE due_at < %(now)s::timestamptz)::int AS late,
       count(*) FILTER (WHERE due_at >= %(now)s::timestamptz)::int AS soon,
       min(due_at) AS earliest
FROM cases
WHERE due_at <= %(horizon)s::timestamptz AND paused_since IS NULL
    AND state NOT IN ('draft', 'received', 'resolved', 'closed', 'transferred_out')
    AND (%(agency_id)s::text IS NULL OR agency_id = %(agency_id)s::text)
    AND (%(departments)s::text[] IS NULL OR department = ANY(%(departments)s::text[]))
GROUP BY agency_id, department
ORDER BY late DESC, soon DESC, agency_id, department
LIMIT 200;
