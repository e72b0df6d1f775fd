-- What citizens say of an answer: one rating for each case, 1 (very dissatisfied) to 5.
CREATE TABLE ratings (
    case_id uuid PRIMARY KEY REFERENCES cases,
    score smallint NOT NULL CHECK (score BETWEEN 1 AND 5),
    comment text NOT NULL DEFAULT '' CHECK (length(comment) <= 2000),
    at timestamptz NOT NULL
);
CREATE INDEX ratings_by_time ON ratings (at);

GRANT SELECT, INSERT, UPDATE ON ratings TO minwon_api;
GRANT SELECT ON ratings TO minwon_worker, minwon_auditor;

ALTER TABLE ratings ENABLE ROW LEVEL SECURITY;
ALTER TABLE ratings FORCE ROW LEVEL SECURITY;
CREATE POLICY ratings_worker ON ratings FOR SELECT TO minwon_worker USING (true);
CREATE POLICY ratings_auditor ON ratings FOR SELECT TO minwon_auditor USING (true);
CREATE POLICY ratings_read ON ratings FOR SELECT TO minwon_api
    USING (EXISTS (SELECT FROM cases c WHERE c.id = ratings.case_id));
CREATE POLICY ratings_give ON ratings FOR INSERT TO minwon_api
    WITH CHECK (current_setting('minwon.scope', true) = 'citizen'
        AND EXISTS (SELECT FROM cases c WHERE c.id = ratings.case_id));
CREATE POLICY ratings_change ON ratings FOR UPDATE TO minwon_api
    USING (current_setting('minwon.scope', true) = 'citizen'
        AND EXISTS (SELECT FROM cases c WHERE c.id = ratings.case_id));
