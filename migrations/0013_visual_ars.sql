-- Sessions of the visual ARS that no call leads: what a caller's page shows. The link is kept as its sha256 alone, the
-- caller's words sealed as contacts are.
--   minwon.scope 'visual'  the page itself, which found its session by the link
CREATE TABLE visual_sessions (
    id uuid PRIMARY KEY,
    token_sha256 bytea NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
    client text NOT NULL,
    menu_version text NOT NULL,
    rev integer NOT NULL DEFAULT 1 CHECK (rev > 0),
    state jsonb NOT NULL,
    words bytea,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    closed_at timestamptz
);
CREATE INDEX visual_sessions_to_close ON visual_sessions (expires_at) WHERE closed_at IS NULL;
CREATE INDEX visual_sessions_closed ON visual_sessions (closed_at) WHERE closed_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON visual_sessions TO minwon_api;
GRANT SELECT, UPDATE, DELETE ON visual_sessions TO minwon_worker;

ALTER TABLE visual_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE visual_sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY visual_sessions_worker ON visual_sessions TO minwon_worker USING (true);
CREATE POLICY visual_sessions_api ON visual_sessions TO minwon_api USING (
    CASE current_setting('minwon.scope', true)
        WHEN 'visual' THEN true
        WHEN 'channel' THEN client = current_setting('minwon.client', true)
        ELSE false
    END);

-- A tap on the page of a live call is a turn that the ARS did not post: its directives are carried
-- to the ARS with the answer to the next turn that it does post.
ALTER TABLE calls ADD COLUMN carried json NOT NULL DEFAULT '[]';
CREATE POLICY calls_page ON calls FOR SELECT TO minwon_api
    USING (current_setting('minwon.scope', true) = 'visual');
