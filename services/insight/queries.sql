-- name: summarise_interactions
SELECT channel, outcome, count(*)::int AS total
FROM interactions
WHERE received_at >= %(since)s::timestamptz AND received_at < %(until)s::timestamptz
    AND (%(agency_id)s::text IS NULL
         OR EXISTS (SELECT FROM cases c
                    WHERE c.interaction_id = interactions.id
                        AND c.agency_id = %(agency_id)s::text))
GROUP BY channel, outcome;

-- name: summarise_states
SELECT state, count(*)::int AS total
FROM cases
WHERE received_at >= %(since)s::timestamptz AND received_at < %(until)s::timestamptz
    AND (%(agency_id)s::text IS NULL OR agency_id = %(agency_id)s::text)
GROUP BY state;

-- name: summarise_work
SELECT count(*)::int AS cases,
       count(*) FILTER (WHERE open)::int AS backlog,
       count(*) FILTER (WHERE open AND due_at < %(now)s::timestamptz)::int AS overdue,
       (extract(epoch FROM %(now)s::timestamptz - min(received_at) FILTER (WHERE open)))::float8
           AS oldest_open_seconds,
       (percentile_cont(0.5) WITHIN GROUP (
           ORDER BY extract(epoch FROM first_response_at - received_at)))::float8
           AS first_response_p50_seconds,
       (percentile_cont(0.5) WITHIN GROUP (
           ORDER BY extract(epoch FROM resolved_at - received_at)))::float8
           AS resolution_p50_seconds,
       (percentile_cont(0.9) WITHIN GROUP (
           ORDER BY extract(epoch FROM resolved_at - received_at)))::float8
           AS resolution_p90_seconds,
       count(resolved_at)::int AS resolved,
       count(*) FILTER (WHERE resolved_at <= due_at)::int AS resolved_on_time,
       count(*) FILTER (WHERE bounces > 0)::int AS rerouted,
       coalesce(sum(bounces), 0)::int AS bounces,
       count(*) FILTER (WHERE triaged_at IS NOT NULL)::int AS triaged,
       count(*) FILTER (WHERE auto_routed)::int AS decided_by_machine,
       avg(confidence)::float8 AS mean_confidence
FROM (
    SELECT received_at, due_at, first_response_at, resolved_at, bounces, triaged_at,
           auto_routed, confidence, state NOT IN ('draft', 'resolved', 'closed', 'transferred_out') AS open
    FROM cases
    WHERE received_at >= %(since)s::timestamptz AND received_at < %(until)s::timestamptz
        AND (%(agency_id)s::text IS NULL OR agency_id = %(agency_id)s::text)
) AS asked;

-- name: summarise_accuracy
SELECT count(*)::int AS judged,
       count(*) FILTER (WHERE NOT wrong_service)::int AS service_right,
       count(*) FILTER (WHERE NOT wrong_agency)::int AS agency_right
FROM (
    SELECT EXISTS (SELECT FROM corrections k WHERE k.case_id = c.id AND k.field = 'service')
               AS wrong_service,
           EXISTS (SELECT FROM corrections k
                   WHERE k.case_id = c.id AND k.field = 'agency' AND k.before IS NOT NULL)
               AS wrong_agency
    FROM cases c
    WHERE c.received_at >= %(since)s::timestamptz AND c.received_at < %(until)s::timestamptz
        AND (%(agency_id)s::text IS NULL OR c.agency_id = %(agency_id)s::text)
        AND c.model_version IS NOT NULL
        AND (c.first_response_at IS NOT NULL
             OR EXISTS (SELECT FROM corrections k WHERE k.case_id = c.id))
) AS seen;

-- name: summarise_reopened
SELECT count(DISTINCT e.case_id)::int AS reopened
FROM case_events e
JOIN cases c ON c.id = e.case_id
WHERE e.action = 'reopen' AND c.received_at >= %(since)s::timestamptz
    AND c.received_at < %(until)s::timestamptz
    AND (%(agency_id)s::text IS NULL OR c.agency_id = %(agency_id)s::text);

-- name: summarise_ratings
SELECT count(*)::int AS ratings,
       count(*) FILTER (WHERE r.score >= 4)::int AS satisfied,
       avg(r.score)::float8 AS mean_score
FROM ratings r
JOIN cases c ON c.id = r.case_id
WHERE c.received_at >= %(since)s::timestamptz AND c.received_at < %(until)s::timestamptz
    AND (%(agency_id)s::text IS NULL OR c.agency_id = %(agency_id)s::text);

-- name: gauge_states
SELECT state, count(*)::int AS total,
       (extract(epoch FROM now() - min(updated_at)))::float8 AS oldest_seconds
FROM cases
WHERE state NOT IN ('closed', 'transferred_out')
GROUP BY state;

-- name: gauge_outbox
SELECT topic, count(*) FILTER (WHERE dead_at IS NULL)::int AS waiting,
       count(dead_at)::int AS dead,
       coalesce(extract(epoch FROM now() - min(run_at) FILTER (WHERE dead_at IS NULL)), 0)::float8
           AS oldest_seconds
FROM outbox
GROUP BY topic;

-- name: gauge_heartbeats
SELECT process, (extract(epoch FROM now() - at))::float8 AS age_seconds FROM heartbeats;

-- name: gauge_stuck
SELECT 'wait_over' AS why, count(*)::int AS total
FROM cases
WHERE waits_until < now() - interval '5 minutes' AND parent_id IS NULL
UNION ALL
SELECT 'answered_without_contact', count(*)::int
FROM cases c
WHERE c.state = 'resolved' AND c.parent_id IS NULL
    AND c.resolved_at < now() - interval '5 minutes'
    AND NOT EXISTS (SELECT FROM contacts k
                    WHERE k.case_id = c.id AND k.reply_by IS DISTINCT FROM 'none')
UNION ALL
SELECT 'merged_apart', count(*)::int
FROM cases c
JOIN cases p ON p.id = c.parent_id
WHERE c.parent_id IS NOT NULL AND c.state <> p.state
UNION ALL
SELECT 'handover_late', count(*)::int
FROM cases
WHERE handover_due_at < now() AND parent_id IS NULL
    AND state IN ('routed', 'review', 'reroute_requested', 'arbitration');

-- name: summarise_calls
SELECT outcome, count(*)::int AS calls
FROM calls
WHERE started_at >= %(since)s::timestamptz AND started_at < %(until)s::timestamptz
    AND (%(agency_id)s::text IS NULL
         OR EXISTS (SELECT FROM cases c
                    WHERE c.interaction_id = calls.id AND c.agency_id = %(agency_id)s::text))
GROUP BY outcome;

-- name: measure_calls
SELECT (percentile_cont(0.5) WITHIN GROUP (
           ORDER BY extract(epoch FROM ended_at - started_at)))::float8 AS duration_p50_seconds,
       (percentile_cont(0.9) WITHIN GROUP (
           ORDER BY extract(epoch FROM ended_at - started_at)))::float8 AS duration_p90_seconds,
       avg(turns)::float8 AS mean_turns,
       count(*) FILTER (WHERE emergency)::int AS emergencies,
       count(*) FILTER (WHERE abuse_level > 0)::int AS abuse_warned,
       (SELECT count(*) FROM cases c
        JOIN calls k ON k.id = c.interaction_id
        WHERE c.incomplete AND k.started_at >= %(since)s::timestamptz
            AND k.started_at < %(until)s::timestamptz
            AND (%(agency_id)s::text IS NULL OR c.agency_id = %(agency_id)s::text))::int
           AS incomplete_cases
FROM calls
WHERE started_at >= %(since)s::timestamptz AND started_at < %(until)s::timestamptz
    AND (%(agency_id)s::text IS NULL
         OR EXISTS (SELECT FROM cases c
                    WHERE c.interaction_id = calls.id AND c.agency_id = %(agency_id)s::text));

-- name: count_connected
SELECT agency, count(*)::int AS calls
FROM calls CROSS JOIN LATERAL unnest(connected) AS agency
WHERE started_at >= %(since)s::timestamptz AND started_at < %(until)s::timestamptz
    AND (%(agency_id)s::text IS NULL
         OR EXISTS (SELECT FROM cases c
                    WHERE c.interaction_id = calls.id AND c.agency_id = %(agency_id)s::text))
GROUP BY agency ORDER BY calls DESC, agency;

-- name: count_asked_in_vain
SELECT slot, count(*)::int AS times
FROM calls CROSS JOIN LATERAL unnest(asked_in_vain) AS slot
WHERE started_at >= %(since)s::timestamptz AND started_at < %(until)s::timestamptz
    AND (%(agency_id)s::text IS NULL
         OR EXISTS (SELECT FROM cases c
                    WHERE c.interaction_id = calls.id AND c.agency_id = %(agency_id)s::text))
GROUP BY slot ORDER BY times DESC, slot;

-- name: gauge_calls
SELECT CASE WHEN last_at < now() - interval '15 minutes' THEN 'stuck' ELSE 'open' END AS state,
       count(*)::int AS total,
       (extract(epoch FROM now() - min(last_at)))::float8 AS oldest_seconds
FROM calls
WHERE ended_at IS NULL
GROUP BY 1;
