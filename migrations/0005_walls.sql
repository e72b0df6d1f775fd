-- Row-level security: what a request may see is set for its transaction by services/database.py.
--   minwon.scope    city | agency | channel | citizen; anything else sees nothing
--   minwon.agency   the agency of a member of staff
--   minwon.client   the program that filed the complaint
--   minwon.receipt  the receipt number a citizen gave with its lookup code
-- An agency does not see a case before it is routed, nor while the review desk holds it.
ALTER TABLE cases ENABLE ROW LEVEL SECURITY;
ALTER TABLE cases FORCE ROW LEVEL SECURITY;
CREATE POLICY cases_worker ON cases TO minwon_worker USING (true) WITH CHECK (true);
CREATE POLICY cases_auditor ON cases FOR SELECT TO minwon_auditor USING (true);
CREATE POLICY cases_intake ON cases FOR INSERT TO minwon_api WITH CHECK (state = 'received');
CREATE POLICY cases_read ON cases FOR SELECT TO minwon_api USING (
    CASE current_setting('minwon.scope', true)
        WHEN 'city' THEN true
        WHEN 'agency' THEN agency_id = current_setting('minwon.agency', true)
            AND state NOT IN ('draft', 'received', 'review')
        WHEN 'channel' THEN client = current_setting('minwon.client', true)
        WHEN 'citizen' THEN receipt_number = current_setting('minwon.receipt', true)
        ELSE false
    END);
CREATE POLICY cases_write ON cases FOR UPDATE TO minwon_api USING (
    CASE current_setting('minwon.scope', true)
        WHEN 'city' THEN true
        WHEN 'agency' THEN agency_id = current_setting('minwon.agency', true)
            AND state NOT IN ('draft', 'received', 'review')
        ELSE false
    END);

ALTER TABLE interactions ENABLE ROW LEVEL SECURITY;
ALTER TABLE interactions FORCE ROW LEVEL SECURITY;
CREATE POLICY interactions_worker ON interactions TO minwon_worker USING (true);
CREATE POLICY interactions_auditor ON interactions FOR SELECT TO minwon_auditor USING (true);
CREATE POLICY interactions_intake ON interactions FOR INSERT TO minwon_api WITH CHECK (true);
CREATE POLICY interactions_read ON interactions FOR SELECT TO minwon_api USING (
    CASE current_setting('minwon.scope', true)
        WHEN 'city' THEN true
        WHEN 'channel' THEN client = current_setting('minwon.client', true)
        ELSE EXISTS (SELECT FROM cases c WHERE c.interaction_id = interactions.id)
    END);
CREATE INDEX cases_by_interaction ON cases (interaction_id);

ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
ALTER TABLE contacts FORCE ROW LEVEL SECURITY;
CREATE POLICY contacts_intake ON contacts FOR INSERT TO minwon_api WITH CHECK (true);
CREATE POLICY contacts_read ON contacts FOR SELECT TO minwon_api
    USING (EXISTS (SELECT FROM cases c WHERE c.id = contacts.case_id));

ALTER TABLE case_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_events FORCE ROW LEVEL SECURITY;
CREATE POLICY case_events_worker ON case_events TO minwon_worker USING (true);
CREATE POLICY case_events_auditor ON case_events FOR SELECT TO minwon_auditor USING (true);
CREATE POLICY case_events_api ON case_events TO minwon_api
    USING (EXISTS (SELECT FROM cases c WHERE c.id = case_events.case_id));

ALTER TABLE corrections ENABLE ROW LEVEL SECURITY;
ALTER TABLE corrections FORCE ROW LEVEL SECURITY;
CREATE POLICY corrections_worker ON corrections FOR SELECT TO minwon_worker USING (true);
CREATE POLICY corrections_api ON corrections TO minwon_api
    USING (EXISTS (SELECT FROM cases c WHERE c.id = corrections.case_id));

ALTER TABLE case_vectors ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_vectors FORCE ROW LEVEL SECURITY;
CREATE POLICY case_vectors_worker ON case_vectors TO minwon_worker USING (true);
CREATE POLICY case_vectors_api ON case_vectors FOR SELECT TO minwon_api
    USING (EXISTS (SELECT FROM cases c WHERE c.id = case_vectors.case_id));
