-- People who sign in, their sessions, and the log of who read what.
CREATE TABLE staff (
    id uuid PRIMARY KEY,
    username text NOT NULL UNIQUE CHECK (username ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    display_name text NOT NULL CHECK (display_name <> ''),
    email text,
    role text NOT NULL CHECK (role IN ('staff', 'triage', 'supervisor', 'admin')),
    agency_id text REFERENCES agencies,
    departments text[] CHECK (cardinality(departments) > 0),
    is_manager boolean NOT NULL DEFAULT false,
    may_approve boolean NOT NULL DEFAULT false,
    language text NOT NULL DEFAULT 'ko' CHECK (language IN ('ko', 'en')),
    password_hash text,
    oidc_issuer text,
    oidc_subject text,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_sign_in_at timestamptz,
    UNIQUE (oidc_issuer, oidc_subject),
    CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL)),
    CHECK (role <> 'staff' OR agency_id IS NOT NULL),
    CHECK (departments IS NULL OR agency_id IS NOT NULL)
);
CREATE UNIQUE INDEX staff_by_email ON staff (lower(email));
CREATE INDEX staff_by_agency ON staff (agency_id) WHERE active;

-- A token is 128 random bits; who reads this table cannot sign in with it.
CREATE TABLE staff_sessions (
    token_sha256 bytea PRIMARY KEY CHECK (length(token_sha256) = 32),
    staff_id uuid NOT NULL REFERENCES staff ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX staff_sessions_by_person ON staff_sessions (staff_id);
CREATE INDEX staff_sessions_by_end ON staff_sessions (expires_at);

-- A sign-in that has been sent to the OIDC provider and is not back yet; each is used once.
CREATE TABLE sign_in_flows (
    state_sha256 bytea PRIMARY KEY CHECK (length(state_sha256) = 32),
    nonce text NOT NULL,
    verifier text NOT NULL,
    return_to text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sign_in_flows_by_age ON sign_in_flows (created_at);

-- Attempts by name and by address, each as a sha256: names that do not exist count alike.
CREATE TABLE sign_in_attempts (
    subject bytea PRIMARY KEY,
    count integer NOT NULL,
    last_at timestamptz NOT NULL,
    blocked_until timestamptz
);
CREATE INDEX sign_in_attempts_by_age ON sign_in_attempts (last_at);

GRANT SELECT ON staff TO minwon_api;
GRANT UPDATE (last_sign_in_at, language, oidc_issuer, oidc_subject) ON staff TO minwon_api;
GRANT SELECT (id, username, display_name, email, role, agency_id, departments, is_manager,
              may_approve, language, active, last_sign_in_at) ON staff TO minwon_worker;
GRANT SELECT, INSERT, DELETE ON staff_sessions TO minwon_api;
GRANT UPDATE (used_at) ON staff_sessions TO minwon_api;
GRANT SELECT, DELETE ON staff_sessions TO minwon_worker;
GRANT SELECT, INSERT, DELETE ON sign_in_flows TO minwon_api;
GRANT SELECT, DELETE ON sign_in_flows TO minwon_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_attempts TO minwon_api;
GRANT SELECT, DELETE ON sign_in_attempts TO minwon_worker;

-- Each row's hash covers the row and the hash before it. The one row of audit_head is the tail:
-- whoever appends holds it until commit, and what is cut off at the end is missed there.
CREATE TABLE audit_log (
    id bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    address text,
    action text NOT NULL,
    case_id uuid,
    data jsonb NOT NULL DEFAULT '{}',
    previous bytea NOT NULL,
    hash bytea NOT NULL
);
CREATE INDEX audit_log_by_case ON audit_log (case_id, id) WHERE case_id IS NOT NULL;
CREATE INDEX audit_log_by_actor ON audit_log (actor, id);

CREATE TABLE audit_head (
    sole boolean PRIMARY KEY DEFAULT true CHECK (sole),
    id bigint NOT NULL,
    hash bytea NOT NULL
);
INSERT INTO audit_head (id, hash) VALUES (0, decode(repeat('00', 32), 'hex'));

CREATE FUNCTION audit_content(
    at timestamptz, actor text, address text, action text, case_id uuid, data jsonb
) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(
        to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        actor, address, action, case_id, data)::text
$$;

CREATE FUNCTION append_to_audit_log() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    head audit_head%ROWTYPE;
BEGIN
    SELECT h.sole, h.id, h.hash INTO STRICT head FROM audit_head h FOR UPDATE;
    NEW.id := head.id + 1;
    NEW.at := clock_timestamp();
    NEW.previous := head.hash;
    NEW.hash := sha256(head.hash || convert_to(
        audit_content(NEW.at, NEW.actor, NEW.address, NEW.action, NEW.case_id, NEW.data), 'UTF8'));
    UPDATE audit_head SET id = NEW.id, hash = NEW.hash;
    RETURN NEW;
END
$$;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only ever added to' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER audit_log_chain BEFORE INSERT ON audit_log
    FOR EACH ROW EXECUTE FUNCTION append_to_audit_log();
CREATE TRIGGER audit_log_stays BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_log_is_not_emptied BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT INSERT (actor, address, action, case_id, data) ON audit_log TO minwon_api, minwon_worker;
GRANT SELECT ON audit_head TO minwon_worker, minwon_auditor;
GRANT SELECT ON audit_log TO minwon_auditor;

-- The API may write of a case what a step moves, never what was filed or what triage found.
REVOKE UPDATE ON cases FROM minwon_api;
DO $$
DECLARE
    moved text;
BEGIN
    SELECT string_agg(quote_ident(attname), ', ') INTO STRICT moved
    FROM pg_attribute
    WHERE attrelid = 'cases'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
        AND attname <> ALL (ARRAY[
            'id', 'interaction_id', 'receipt_number', 'client', 'channel', 'title', 'text', 'lat',
            'lon', 'address', 'dong', 'district', 'road_class', 'confidence', 'candidates',
            'reasons', 'decision', 'model_version', 'auto_routed', 'occurred_at', 'received_at',
            'triaged_at']);
    EXECUTE format('GRANT UPDATE (%s) ON cases TO minwon_api', moved);
END
$$;
