-- name: count_filed
SELECT count(*)
FROM intake_keys k
JOIN cases c ON c.id = k.complaint_id
JOIN interactions i ON i.id = c.interaction_id
JOIN outbox o ON o.case_id = c.id AND o.topic = 'triage';
