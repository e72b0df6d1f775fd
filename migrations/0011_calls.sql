-- Live calls: what is remembered between two turns, and each turn with the answer it was given.
CREATE TABLE calls (
    id uuid PRIMARY KEY REFERENCES interactions,
    client text NOT NULL,
    call_id text NOT NULL,
    body_sha256 bytea NOT NULL CHECK (length(body_sha256) = 32),
    caller_hash text,
    dnis text,
    visual_token text NOT NULL UNIQUE,
    opening json NOT NULL,
    state jsonb NOT NULL,
    sealed text[] NOT NULL DEFAULT '{}',
    turn_seq integer NOT NULL DEFAULT 0,
    rev integer NOT NULL DEFAULT 0,
    turns integer NOT NULL DEFAULT 0,
    abuse_level smallint NOT NULL DEFAULT 0,
    emergency boolean NOT NULL DEFAULT false,
    connected text[] NOT NULL DEFAULT '{}',
    asked_in_vain text[] NOT NULL DEFAULT '{}',
    outcome text CHECK (outcome IN ('answered', 'reported', 'transferred', 'staff', 'abandoned')),
    started_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    ended_at timestamptz,
    UNIQUE (client, call_id)
);
CREATE INDEX calls_open ON calls (last_at) WHERE ended_at IS NULL;
CREATE INDEX calls_by_time ON calls (started_at);

CREATE TABLE call_turns (
    call_id uuid NOT NULL REFERENCES calls,
    turn_seq integer NOT NULL,
    body_sha256 bytea NOT NULL,
    at timestamptz NOT NULL,
    event text NOT NULL,
    said text,
    confidence real,
    answer json NOT NULL,
    PRIMARY KEY (call_id, turn_seq)
);

ALTER TABLE cases ADD COLUMN incomplete boolean NOT NULL DEFAULT false;

ALTER TABLE calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE calls FORCE ROW LEVEL SECURITY;
CREATE POLICY calls_worker ON calls TO minwon_worker USING (true) WITH CHECK (true);
CREATE POLICY calls_auditor ON calls FOR SELECT TO minwon_auditor USING (true);
CREATE POLICY calls_channel ON calls TO minwon_api
    USING (current_setting('minwon.scope', true) = 'channel'
           AND client = current_setting('minwon.client', true))
    WITH CHECK (current_setting('minwon.scope', true) = 'channel'
                AND client = current_setting('minwon.client', true));
CREATE POLICY calls_figures ON calls FOR SELECT TO minwon_api
    USING (CASE current_setting('minwon.scope', true)
        WHEN 'city' THEN true
        WHEN 'agency' THEN EXISTS (SELECT FROM cases c WHERE c.interaction_id = calls.id)
        ELSE false
    END);

ALTER TABLE call_turns ENABLE ROW LEVEL SECURITY;
ALTER TABLE call_turns FORCE ROW LEVEL SECURITY;
CREATE POLICY call_turns_worker ON call_turns TO minwon_worker USING (true) WITH CHECK (true);
CREATE POLICY call_turns_auditor ON call_turns FOR SELECT TO minwon_auditor USING (true);
CREATE POLICY call_turns_channel ON call_turns TO minwon_api
    USING (EXISTS (SELECT FROM calls c WHERE c.id = call_turns.call_id));

-- A call's interaction is open until it ends; then its outcome and its transcript are written.
CREATE POLICY interactions_close ON interactions FOR UPDATE TO minwon_api
    USING (current_setting('minwon.scope', true) = 'channel'
           AND client = current_setting('minwon.client', true));
GRANT UPDATE (outcome, segments, ended_at) ON interactions TO minwon_api;

GRANT SELECT, INSERT, UPDATE ON calls TO minwon_api, minwon_worker;
GRANT SELECT, INSERT ON call_turns TO minwon_api, minwon_worker;

-- The sweeper files what was said in a call whose line dropped, as the API does.
CREATE POLICY contacts_sweeper ON contacts FOR INSERT TO minwon_worker WITH CHECK (true);
CREATE POLICY attachments_sweeper ON attachments TO minwon_worker USING (true) WITH CHECK (true);
GRANT INSERT ON attachments TO minwon_worker;
GRANT INSERT ON contacts, intake_keys, interactions, cases TO minwon_worker;
GRANT USAGE ON SEQUENCE receipt_numbers TO minwon_worker;
