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

-- What people were told of a deadline, once each: a new deadline (`mark`) is a new row. For the
-- progress notices of Decree 23 the mark is the thirtieth, sixtieth... day.
CREATE TABLE reminders (
    case_id uuid NOT NULL REFERENCES cases,
    kind text NOT NULL CHECK (kind IN ('due_soon', 'overdue', 'escalated', 'progress')),
    mark timestamptz NOT NULL,
    PRIMARY KEY (case_id, kind, mark)
);
GRANT SELECT, INSERT ON reminders TO minwon_worker;
CREATE INDEX cases_by_deadline ON cases (due_at, id)
    WHERE paused_since IS NULL
        AND state NOT IN ('draft', 'received', 'resolved', 'closed', 'transferred_out');
CREATE INDEX cases_long_open ON cases (received_at, id)
    WHERE state NOT IN ('draft', 'received', 'resolved', 'closed', 'transferred_out');

-- The monthly list of what was late, as it stood when the month ended; its first day in `month`.
CREATE TABLE overdue_lists (
    month date NOT NULL,
    case_id uuid NOT NULL REFERENCES cases,
    agency_id text REFERENCES agencies,
    department text,
    state text NOT NULL,
    due_at timestamptz NOT NULL,
    resolved_at timestamptz,
    PRIMARY KEY (month, case_id)
);
CREATE INDEX overdue_lists_by_agency ON overdue_lists (month, agency_id, due_at, case_id);
CREATE INDEX overdue_lists_by_case ON overdue_lists (case_id);
CREATE INDEX cases_late ON cases (due_at) WHERE resolved_at > due_at;
GRANT SELECT, INSERT ON overdue_lists TO minwon_worker;
GRANT SELECT ON overdue_lists TO minwon_api;
ALTER TABLE overdue_lists ENABLE ROW LEVEL SECURITY;
ALTER TABLE overdue_lists FORCE ROW LEVEL SECURITY;
CREATE POLICY overdue_lists_worker ON overdue_lists TO minwon_worker USING (true);
CREATE POLICY overdue_lists_read ON overdue_lists FOR SELECT TO minwon_api USING (
    CASE current_setting('minwon.scope', true)
        WHEN 'city' THEN true
        WHEN 'agency' THEN agency_id = current_setting('minwon.agency', true)
        ELSE false
    END);

-- The words of each case for search, made by services/cases/search/words.py. Only the function
-- reads them, and it tells ids alone: an index on a table with row-level security would not be used,
-- for the operator @@ is not leakproof. What is found still has to pass the walls of `cases`.
CREATE TABLE case_words (
    case_id uuid PRIMARY KEY REFERENCES cases,
    words tsvector NOT NULL
);
CREATE INDEX case_words_by_word ON case_words USING gin (words);
GRANT SELECT, INSERT, UPDATE ON case_words TO minwon_worker;

CREATE FUNCTION matching_cases(wanted tsquery) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER ROWS 500 SET search_path = public, pg_temp AS $$
    SELECT case_id FROM case_words WHERE words @@ wanted
$$;
REVOKE EXECUTE ON FUNCTION matching_cases FROM PUBLIC;
GRANT EXECUTE ON FUNCTION matching_cases TO minwon_api;

-- Texts that an agency's people begin a reply with; narrower ones name a department or a service.
CREATE TABLE reply_templates (
    id uuid PRIMARY KEY,
    agency_id text NOT NULL REFERENCES agencies,
    department text,
    service text,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 10000),
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL,
    UNIQUE NULLS NOT DISTINCT (agency_id, department, service, name)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON reply_templates TO minwon_api;
ALTER TABLE reply_templates ENABLE ROW LEVEL SECURITY;
ALTER TABLE reply_templates FORCE ROW LEVEL SECURITY;
CREATE POLICY reply_templates_api ON reply_templates TO minwon_api USING (
    CASE current_setting('minwon.scope', true)
        WHEN 'city' THEN true
        WHEN 'agency' THEN agency_id = current_setting('minwon.agency', true)
        ELSE false
    END);

-- Who looks at a case just now; lost in a crash, and no harm done.
CREATE UNLOGGED TABLE presences (
    case_id uuid NOT NULL,
    who text NOT NULL,
    name text NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (case_id, who)
);
GRANT SELECT, INSERT, UPDATE ON presences TO minwon_api;
GRANT SELECT, DELETE ON presences TO minwon_worker;
ALTER TABLE presences ENABLE ROW LEVEL SECURITY;
ALTER TABLE presences FORCE ROW LEVEL SECURITY;
CREATE POLICY presences_worker ON presences TO minwon_worker USING (true);
CREATE POLICY presences_api ON presences TO minwon_api
    USING (EXISTS (SELECT FROM cases c WHERE c.id = presences.case_id));
