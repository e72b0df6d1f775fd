-- What came in: replay keys, interactions, cases, contacts, and the work that must follow.
CREATE SEQUENCE receipt_numbers;

CREATE TABLE intake_keys (
    client text NOT NULL,
    key text NOT NULL,
    body_sha256 bytea NOT NULL,
    complaint_id uuid NOT NULL,
    receipt_number text,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (client, key)
);
CREATE INDEX intake_keys_by_age ON intake_keys (received_at);

CREATE TABLE interactions (
    id uuid PRIMARY KEY,
    client text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('voice', 'visual_ars', 'web')),
    external_id text,
    session_id text,
    engine text,
    segments jsonb,
    menu_version text,
    menu_path text[],
    attachments jsonb,
    consent jsonb,
    started_at timestamptz,
    ended_at timestamptz,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    outcome text CHECK (outcome IN ('answered', 'reported', 'transferred', 'staff', 'abandoned'))
);
CREATE INDEX interactions_by_time ON interactions (received_at);

CREATE TABLE cases (
    id uuid PRIMARY KEY,
    interaction_id uuid NOT NULL REFERENCES interactions,
    receipt_number text NOT NULL UNIQUE,
    client text NOT NULL,
    channel text NOT NULL,
    state text NOT NULL CHECK (state IN (
        'draft', 'received', 'review', 'routed', 'assigned', 'in_progress', 'supplement',
        'field_survey', 'cooperation', 'approval', 'resolved', 'closed', 'reroute_requested',
        'arbitration', 'transferred_out')),
    version integer NOT NULL DEFAULT 1,
    title text,
    text text NOT NULL,
    lat double precision CHECK (lat BETWEEN -90 AND 90),
    lon double precision CHECK (lon BETWEEN -180 AND 180),
    address text,
    dong text,
    service text,
    kind text,
    urgency smallint NOT NULL DEFAULT 2 CHECK (urgency BETWEEN 0 AND 2),
    district text,
    road_class text CHECK (road_class IN ('arterial', 'local')),
    agency_id text REFERENCES agencies,
    department text,
    confidence real CHECK (confidence BETWEEN 0 AND 1),
    candidates jsonb NOT NULL DEFAULT '[]',
    reasons jsonb NOT NULL DEFAULT '[]',
    decision text CHECK (decision IN ('route', 'review', 'emergency')),
    model_version text,
    auto_routed boolean NOT NULL DEFAULT false,
    petition_kind text NOT NULL DEFAULT 'other',
    assignee text,
    bounces smallint NOT NULL DEFAULT 0,
    reply text,
    outcome text CHECK (outcome IN ('accepted', 'partly', 'not_accepted')),
    close_reason text,
    paused_since timestamptz,
    pauses tstzrange[] NOT NULL DEFAULT '{}',
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    due_at timestamptz,
    triaged_at timestamptz,
    first_response_at timestamptz,
    resolved_at timestamptz,
    updated_at timestamptz NOT NULL
);
CREATE INDEX cases_to_claim ON cases (agency_id, urgency, due_at, id) WHERE state = 'routed';
CREATE INDEX cases_in_queue ON cases (agency_id, due_at, urgency, id)
    WHERE state NOT IN ('draft', 'received', 'review', 'resolved', 'closed', 'transferred_out');
CREATE INDEX cases_to_review ON cases (urgency, received_at, id)
    WHERE state IN ('review', 'reroute_requested', 'arbitration');
CREATE INDEX cases_by_time ON cases (received_at, agency_id);
CREATE INDEX cases_untriaged ON cases (received_at) WHERE state = 'received';

-- Names, numbers and addresses, sealed with the service's key; never joined into a list.
CREATE TABLE contacts (
    case_id uuid PRIMARY KEY REFERENCES cases,
    sealed bytea NOT NULL,
    reply_by text CHECK (reply_by IN ('sms', 'email', 'phone', 'none')),
    created_at timestamptz NOT NULL
);

CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    case_id uuid NOT NULL REFERENCES cases,
    run_at timestamptz NOT NULL DEFAULT now(),
    attempts smallint NOT NULL DEFAULT 0,
    fence integer NOT NULL DEFAULT 0,
    lease_until timestamptz,
    hinted_at timestamptz,
    last_error text,
    dead_at timestamptz
);
CREATE INDEX outbox_to_hint ON outbox (id) WHERE hinted_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_to_claim ON outbox (topic, run_at, id) WHERE dead_at IS NULL;

GRANT USAGE ON SEQUENCE receipt_numbers TO minwon_api;
GRANT SELECT, INSERT ON intake_keys TO minwon_api;
GRANT SELECT, DELETE ON intake_keys TO minwon_worker;
GRANT SELECT, INSERT ON interactions TO minwon_api;
GRANT SELECT, UPDATE ON interactions TO minwon_worker;
GRANT SELECT, INSERT, UPDATE ON cases TO minwon_api;
GRANT SELECT, UPDATE ON cases TO minwon_worker;
GRANT SELECT, INSERT ON contacts TO minwon_api;
GRANT SELECT, INSERT ON outbox TO minwon_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO minwon_worker;
