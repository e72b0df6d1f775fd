-- What the steps of a case need to remember, and what units are asked of one another.
--   waits_until    when a supplement, survey or cooperation ends by itself
--   survey_until   until when surveys may hold the clock of a 고충민원 (Decree 17)
--   extended_*     the date that an extension gave, and when it was given (Decree 21)
--   bound          decided by arbitration: the agency may not send it back
ALTER TABLE cases
    ADD COLUMN parent_id uuid REFERENCES cases,
    ADD COLUMN previous_id uuid REFERENCES cases,
    ADD COLUMN waits_until timestamptz,
    ADD COLUMN survey_until timestamptz,
    ADD COLUMN survey_extended boolean NOT NULL DEFAULT false,
    ADD COLUMN extensions smallint NOT NULL DEFAULT 0,
    ADD COLUMN extended_at timestamptz,
    ADD COLUMN extended_to timestamptz,
    ADD COLUMN handover_due_at timestamptz,
    ADD COLUMN bound boolean NOT NULL DEFAULT false,
    ADD COLUMN submitted_by text,
    ADD COLUMN outcome_reason text,
    ADD COLUMN remedy text,
    ADD COLUMN officer text,
    ADD COLUMN closed_at timestamptz,
    ADD CHECK (parent_id <> id),
    ADD CHECK (close_reason IN ('withdrawn', 'repeat', 'exception', 'returned', 'merged'));
CREATE INDEX cases_by_parent ON cases (parent_id, id) WHERE parent_id IS NOT NULL;
CREATE INDEX cases_by_previous ON cases (previous_id) WHERE previous_id IS NOT NULL;
CREATE INDEX cases_waiting ON cases (waits_until) WHERE waits_until IS NOT NULL;
CREATE INDEX cases_resolved ON cases (resolved_at) WHERE state = 'resolved';
CREATE INDEX cases_alike ON cases (agency_id, service, received_at);

-- A citizen acts on their own case from the tracking page.
DROP POLICY cases_write ON cases;
CREATE POLICY cases_write ON cases FOR UPDATE TO minwon_api USING (
    CASE current_setting('minwon.scope', true)
        WHEN 'city' THEN true
        WHEN 'agency' THEN agency_id = current_setting('minwon.agency', true)
            AND state NOT IN ('draft', 'received', 'review')
        WHEN 'citizen' THEN receipt_number = current_setting('minwon.receipt', true)
        ELSE false
    END);

-- Who asked, as a keyed hash of a number or address: cases of one person are found by it, the
-- person is not.
ALTER TABLE contacts ADD COLUMN person_key text;
CREATE INDEX contacts_by_person ON contacts (person_key) WHERE person_key IS NOT NULL;
CREATE POLICY contacts_reply_way ON contacts FOR SELECT TO minwon_worker USING (true);
GRANT SELECT (case_id, reply_by) ON contacts TO minwon_worker;

-- A question of one unit to another, with a due date of its own.
CREATE TABLE cooperations (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    receipt_number text NOT NULL,
    agency_id text NOT NULL REFERENCES agencies,
    department text NOT NULL,
    text text NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    due_at timestamptz,
    answer text,
    answered_by text,
    answered_at timestamptz,
    cancelled_at timestamptz,
    CHECK ((answer IS NULL) = (answered_at IS NULL))
);
CREATE INDEX cooperations_open ON cooperations (agency_id, id)
    WHERE answered_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX cooperations_by_case ON cooperations (case_id, id);
GRANT SELECT, INSERT, UPDATE ON cooperations TO minwon_api;
GRANT SELECT, UPDATE ON cooperations TO minwon_worker;
ALTER TABLE cooperations ENABLE ROW LEVEL SECURITY;
ALTER TABLE cooperations FORCE ROW LEVEL SECURITY;
CREATE POLICY cooperations_worker ON cooperations TO minwon_worker USING (true);
CREATE POLICY cooperations_auditor ON cooperations FOR SELECT TO minwon_auditor USING (true);
CREATE POLICY cooperations_asked ON cooperations TO minwon_api USING (
    CASE current_setting('minwon.scope', true)
        WHEN 'city' THEN true
        WHEN 'agency' THEN agency_id = current_setting('minwon.agency', true)
            OR EXISTS (SELECT FROM cases c WHERE c.id = cooperations.case_id)
        WHEN 'citizen' THEN EXISTS (SELECT FROM cases c WHERE c.id = cooperations.case_id)
        ELSE false
    END);
