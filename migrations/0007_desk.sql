-- Files that citizens send along. An upload waits a day for the complaint that names it; then it is
-- the case's and walled off as contacts are.
-- Whoever files knows the id of an upload, 122 random bits; nothing else reads this table.
CREATE TABLE uploads (
    id uuid PRIMARY KEY,
    client text NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    size integer NOT NULL CHECK (size > 0),
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    stored boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX uploads_by_age ON uploads (created_at);

CREATE TABLE attachments (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    name text NOT NULL,
    media_type text NOT NULL,
    size integer NOT NULL,
    sha256 bytea NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX attachments_by_case ON attachments (case_id, created_at, id);

GRANT SELECT, INSERT, UPDATE (stored), DELETE ON uploads TO minwon_api;
GRANT SELECT, UPDATE (stored), DELETE ON uploads TO minwon_worker;
GRANT SELECT, INSERT ON attachments TO minwon_api;

ALTER TABLE attachments ENABLE ROW LEVEL SECURITY;
ALTER TABLE attachments FORCE ROW LEVEL SECURITY;
CREATE POLICY attachments_intake ON attachments FOR INSERT TO minwon_api WITH CHECK (true);
CREATE POLICY attachments_read ON attachments FOR SELECT TO minwon_api
    USING (EXISTS (SELECT FROM cases c WHERE c.id = attachments.case_id));
