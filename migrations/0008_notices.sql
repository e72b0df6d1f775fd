-- What citizens, staff and agencies' systems are told of a case, and each agency's feed of changes.

-- Each agency's part of the event stream, kept by a trigger so that no writer of events can forget
-- it. A row with `held` false is the event by which the case left that agency. Identity numbers
-- commit out of order; (txid, id) below pg_snapshot_xmin() does not, which is what readers go by.
CREATE TABLE changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    event_id bigint NOT NULL REFERENCES case_events,
    case_id uuid NOT NULL REFERENCES cases,
    agency_id text NOT NULL REFERENCES agencies,
    department text,
    held boolean NOT NULL,
    at timestamptz NOT NULL,
    action text NOT NULL,
    from_state text,
    to_state text NOT NULL
);

INSERT INTO changes (event_id, case_id, agency_id, department, held, at, action, from_state, to_state)
SELECT e.id, e.case_id, c.agency_id, c.department, true, e.at, e.action, e.from_state, e.to_state
FROM case_events e
JOIN cases c ON c.id = e.case_id
WHERE c.agency_id IS NOT NULL AND e.to_state NOT IN ('draft', 'received', 'review')
ORDER BY e.id;

CREATE INDEX changes_by_agency ON changes (agency_id, txid, id);
CREATE INDEX changes_in_order ON changes (txid, id);
CREATE INDEX changes_by_case ON changes (case_id, id) WHERE held;
CREATE INDEX changes_by_event ON changes (event_id);

CREATE FUNCTION record_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (
        event_id, case_id, agency_id, department, held, at, action, from_state, to_state)
    SELECT f.id, f.case_id, c.agency_id, c.department, true, f.at, f.action, f.from_state,
           f.to_state
    FROM fresh f
    JOIN cases c ON c.id = f.case_id
    WHERE c.agency_id IS NOT NULL AND f.to_state NOT IN ('draft', 'received', 'review')
    UNION ALL
    SELECT f.id, f.case_id, before.agency_id, before.department, false, f.at, f.action,
           f.from_state, f.to_state
    FROM fresh f
    JOIN cases c ON c.id = f.case_id
    CROSS JOIN LATERAL (
        SELECT x.agency_id, x.department FROM changes x
        WHERE x.case_id = f.case_id AND x.held
        ORDER BY x.id DESC LIMIT 1) AS before
    WHERE before.agency_id IS DISTINCT FROM c.agency_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER case_events_change AFTER INSERT ON case_events
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION record_changes();

-- Events whose notices are planned; what happened before notices existed is told to nobody.
CREATE TABLE noticed_events (event_id bigint PRIMARY KEY REFERENCES case_events);
INSERT INTO noticed_events (event_id) SELECT id FROM case_events;

CREATE TABLE webhook_endpoints (
    id uuid PRIMARY KEY,
    agency_id text NOT NULL REFERENCES agencies,
    url text NOT NULL CHECK (length(url) <= 2000),
    types text[] NOT NULL,
    state text NOT NULL DEFAULT 'enabled' CHECK (state IN ('enabled', 'disabled', 'failed')),
    sealed_secret bytea NOT NULL,
    sealed_old_secret bytea,
    old_secret_until timestamptz,
    failing_since timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL
);
CREATE INDEX webhook_endpoints_by_agency ON webhook_endpoints (agency_id);

-- waiting: to be sent, or sent again at run_at. task: a person telephones. unsent: there was no way
-- to send it. dead: given up. `recipient` is an endpoint, a member of staff, or '' for the citizen.
-- A test ping has neither event nor case.
CREATE TABLE notices (
    id uuid PRIMARY KEY,
    event_id bigint REFERENCES case_events,
    case_id uuid REFERENCES cases,
    agency_id text REFERENCES agencies,
    audience text NOT NULL CHECK (audience IN ('citizen', 'staff', 'agency')),
    channel text NOT NULL CHECK (channel IN ('email', 'sms', 'phone', 'page', 'webhook')),
    recipient text NOT NULL DEFAULT '',
    template text NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'delivered', 'task', 'unsent', 'dead')),
    attempts smallint NOT NULL DEFAULT 0,
    fence integer NOT NULL DEFAULT 0,
    run_at timestamptz NOT NULL DEFAULT now(),
    lease_until timestamptz,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    delivered_at timestamptz,
    UNIQUE (event_id, audience, channel, recipient)
);
CREATE INDEX notices_to_send ON notices (run_at, id) WHERE state = 'waiting';
CREATE INDEX notices_open ON notices (state, created_at, id) WHERE state <> 'delivered';
CREATE INDEX notices_by_case ON notices (case_id);
CREATE INDEX notices_by_recipient ON notices (recipient, id) WHERE recipient <> '';

CREATE TABLE notice_attempts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notice_id uuid NOT NULL REFERENCES notices,
    at timestamptz NOT NULL DEFAULT now(),
    attempt smallint NOT NULL,
    outcome text NOT NULL,
    status smallint,
    error text,
    duration_ms integer NOT NULL
);
CREATE INDEX notice_attempts_by_notice ON notice_attempts (notice_id, id);

GRANT SELECT, INSERT ON changes TO minwon_api, minwon_worker;
GRANT SELECT, INSERT ON noticed_events TO minwon_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_endpoints TO minwon_api;
GRANT SELECT, UPDATE ON webhook_endpoints TO minwon_worker;
GRANT SELECT, INSERT, UPDATE ON notices TO minwon_api, minwon_worker;
GRANT SELECT ON notice_attempts TO minwon_api;
GRANT SELECT, INSERT ON notice_attempts TO minwon_worker;
GRANT SELECT ON contacts TO minwon_worker;
CREATE POLICY contacts_worker ON contacts FOR SELECT TO minwon_worker USING (true);

ALTER TABLE changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE changes FORCE ROW LEVEL SECURITY;
CREATE POLICY changes_worker ON changes TO minwon_worker USING (true) WITH CHECK (true);
CREATE POLICY changes_record ON changes FOR INSERT TO minwon_api WITH CHECK (true);
CREATE POLICY changes_read ON changes FOR SELECT TO minwon_api USING (
    CASE current_setting('minwon.scope', true)
        WHEN 'city' THEN true
        WHEN 'agency' THEN agency_id = current_setting('minwon.agency', true)
        ELSE false
    END);

ALTER TABLE webhook_endpoints ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_endpoints FORCE ROW LEVEL SECURITY;
CREATE POLICY webhook_endpoints_worker ON webhook_endpoints TO minwon_worker USING (true);
CREATE POLICY webhook_endpoints_api ON webhook_endpoints TO minwon_api USING (
    CASE current_setting('minwon.scope', true)
        WHEN 'city' THEN true
        WHEN 'agency' THEN agency_id = current_setting('minwon.agency', true)
        ELSE false
    END);

ALTER TABLE notices ENABLE ROW LEVEL SECURITY;
ALTER TABLE notices FORCE ROW LEVEL SECURITY;
CREATE POLICY notices_worker ON notices TO minwon_worker USING (true) WITH CHECK (true);
CREATE POLICY notices_api ON notices TO minwon_api USING (
    CASE current_setting('minwon.scope', true)
        WHEN 'city' THEN true
        WHEN 'agency' THEN CASE audience
            WHEN 'agency' THEN agency_id = current_setting('minwon.agency', true)
            ELSE EXISTS (SELECT FROM cases c WHERE c.id = notices.case_id)
        END
        ELSE false
    END);

ALTER TABLE notice_attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice_attempts FORCE ROW LEVEL SECURITY;
CREATE POLICY notice_attempts_worker ON notice_attempts TO minwon_worker USING (true);
CREATE POLICY notice_attempts_api ON notice_attempts FOR SELECT TO minwon_api
    USING (EXISTS (SELECT FROM notices n WHERE n.id = notice_attempts.notice_id));
