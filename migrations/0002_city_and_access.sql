-- The part of the city pack that rows point at, and the keys that programs sign in with.
CREATE TABLE agencies (
    id text PRIMARY KEY,
    name text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('district', 'hq', 'city', 'external')),
    belongs_to_city boolean NOT NULL,
    is_active boolean NOT NULL DEFAULT true
);

CREATE TABLE departments (
    agency_id text NOT NULL REFERENCES agencies,
    name text NOT NULL,
    direct_resolve boolean NOT NULL DEFAULT false,
    is_active boolean NOT NULL DEFAULT true,
    PRIMARY KEY (agency_id, name)
);

CREATE TABLE api_keys (
    id text PRIMARY KEY,
    secret_sha256 bytea NOT NULL CHECK (length(secret_sha256) = 32),
    role text NOT NULL CHECK (role IN ('channel', 'staff', 'triage', 'supervisor', 'admin')),
    client text NOT NULL,
    agency_id text REFERENCES agencies,
    departments text[],
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    CHECK (role <> 'staff' OR agency_id IS NOT NULL)
);

GRANT SELECT ON agencies, departments TO minwon_api, minwon_worker, minwon_auditor;
GRANT SELECT ON api_keys TO minwon_api;
