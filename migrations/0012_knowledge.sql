-- Approved answers: the working copy, every version of it, and what was asked in vain.
CREATE TABLE knowledge_articles (
    id text PRIMARY KEY CHECK (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(id) <= 80),
    version integer NOT NULL DEFAULT 1,
    state text NOT NULL CHECK (state IN ('draft', 'in_review', 'approved', 'retired')),
    title text NOT NULL,
    questions text[] NOT NULL,
    answer text NOT NULL,
    more text NOT NULL,
    service text NOT NULL,
    audience text NOT NULL CHECK (audience IN ('everyone', 'business', 'foreigner')),
    language text NOT NULL CHECK (language IN ('ko', 'en')),
    agency_id text NOT NULL REFERENCES agencies,
    department text,
    valid_from date,
    valid_until date CHECK (valid_until >= valid_from),
    confirmed boolean NOT NULL,
    source text NOT NULL,
    editor text NOT NULL,
    pack_sha256 bytea,
    from_pack boolean NOT NULL DEFAULT false,
    live_version integer,
    updated_at timestamptz NOT NULL
);
COMMENT ON COLUMN knowledge_articles.editor IS 'who wrote the words as they stand; may not approve them if a person';
COMMENT ON COLUMN knowledge_articles.pack_sha256 IS 'the words that the city pack had when it was last loaded';
COMMENT ON COLUMN knowledge_articles.from_pack IS 'no member of staff has touched it: the pack may change it';
COMMENT ON COLUMN knowledge_articles.live_version IS 'the approved version that is read out, which later drafts leave alone';
CREATE INDEX knowledge_articles_by_state ON knowledge_articles (state, id);

CREATE TABLE knowledge_versions (
    article_id text NOT NULL REFERENCES knowledge_articles,
    version integer NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    state text NOT NULL,
    reason text,
    content jsonb NOT NULL,
    PRIMARY KEY (article_id, version)
);

-- Masked questions without an answer; near-duplicates are counted on the first of them.
CREATE TABLE knowledge_gaps (
    id uuid PRIMARY KEY,
    question text NOT NULL,
    embedding halfvec NOT NULL,
    model_version text NOT NULL,
    nearest text,
    confidence real NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    asked integer NOT NULL DEFAULT 1,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'dismissed', 'drafted')),
    article_id text REFERENCES knowledge_articles,
    actor text,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL
);
CREATE INDEX knowledge_gaps_to_see ON knowledge_gaps (state, asked DESC, last_at DESC, id DESC);
CREATE INDEX knowledge_gaps_by_age ON knowledge_gaps (last_at);

GRANT SELECT, INSERT, UPDATE ON knowledge_articles, knowledge_gaps TO minwon_api;
GRANT SELECT, INSERT ON knowledge_versions TO minwon_api;
GRANT SELECT ON knowledge_articles, knowledge_versions TO minwon_worker, minwon_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON knowledge_gaps TO minwon_worker;

-- Staff read all articles and write their own agency's; callers see none but through the answers.
ALTER TABLE knowledge_articles ENABLE ROW LEVEL SECURITY;
ALTER TABLE knowledge_articles FORCE ROW LEVEL SECURITY;
CREATE POLICY knowledge_articles_worker ON knowledge_articles FOR SELECT
    TO minwon_worker, minwon_auditor USING (true);
CREATE POLICY knowledge_articles_read ON knowledge_articles FOR SELECT
    USING (current_setting('minwon.scope', true) IN ('city', 'agency'));
CREATE POLICY knowledge_articles_add ON knowledge_articles FOR INSERT WITH CHECK (
    CASE current_setting('minwon.scope', true)
        WHEN 'city' THEN true
        WHEN 'agency' THEN agency_id = current_setting('minwon.agency', true)
        ELSE false
    END);
CREATE POLICY knowledge_articles_write ON knowledge_articles FOR UPDATE USING (
    CASE current_setting('minwon.scope', true)
        WHEN 'city' THEN true
        WHEN 'agency' THEN agency_id = current_setting('minwon.agency', true)
        ELSE false
    END);

ALTER TABLE knowledge_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE knowledge_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY knowledge_versions_worker ON knowledge_versions FOR SELECT
    TO minwon_worker, minwon_auditor USING (true);
CREATE POLICY knowledge_versions_read ON knowledge_versions FOR SELECT
    USING (current_setting('minwon.scope', true) IN ('city', 'agency'));
CREATE POLICY knowledge_versions_add ON knowledge_versions FOR INSERT WITH CHECK (
    CASE current_setting('minwon.scope', true)
        WHEN 'city' THEN true
        WHEN 'agency' THEN EXISTS (
            SELECT FROM knowledge_articles a
            WHERE a.id = article_id AND a.agency_id = current_setting('minwon.agency', true))
        ELSE false
    END);

ALTER TABLE knowledge_gaps ENABLE ROW LEVEL SECURITY;
ALTER TABLE knowledge_gaps FORCE ROW LEVEL SECURITY;
CREATE POLICY knowledge_gaps_worker ON knowledge_gaps TO minwon_worker USING (true);
CREATE POLICY knowledge_gaps_api ON knowledge_gaps
    USING (current_setting('minwon.scope', true) IN ('city', 'agency', 'channel'));
