-- What happens to a case: events, staff corrections, vectors; and what keeps the programs honest.
CREATE TABLE case_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    from_state text,
    to_state text NOT NULL,
    data jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX case_events_by_case ON case_events (case_id, id);

CREATE TABLE corrections (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    model_version text,
    field text NOT NULL CHECK (field IN ('service', 'kind', 'urgency', 'agency')),
    before text,
    after text NOT NULL
);
CREATE INDEX corrections_by_case ON corrections (case_id);
CREATE INDEX corrections_by_time ON corrections (at);

CREATE TABLE case_vectors (
    case_id uuid NOT NULL REFERENCES cases,
    model_version text NOT NULL,
    embedding halfvec NOT NULL,
    PRIMARY KEY (case_id, model_version)
);

CREATE TABLE heartbeats (
    process text PRIMARY KEY,
    at timestamptz NOT NULL
);

-- One row for each run of a scheduled job in its period: two beats do no harm.
CREATE TABLE job_runs (
    job text NOT NULL,
    period timestamptz NOT NULL,
    PRIMARY KEY (job, period)
);

GRANT SELECT, INSERT ON case_events, corrections TO minwon_api;
GRANT SELECT, INSERT ON case_events TO minwon_worker;
GRANT SELECT ON corrections TO minwon_worker;
GRANT SELECT ON case_vectors TO minwon_api;
GRANT SELECT, INSERT, UPDATE ON case_vectors TO minwon_worker;
GRANT SELECT ON heartbeats TO minwon_api;
GRANT SELECT, INSERT, UPDATE ON heartbeats TO minwon_worker;
GRANT SELECT, INSERT, DELETE ON job_runs TO minwon_worker;
