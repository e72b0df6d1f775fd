-- part: article_columns
id, version, state, title, questions, answer, more, service, audience, language, agency_id,
department, valid_from, valid_until, confirmed, source, editor, live_version, from_pack, updated_at

-- part: gap_columns
id, question, nearest, confidence, asked, state, article_id, actor, first_at, last_at

-- name: knowledge_revision
SELECT coalesce(sum(version), 0)::bigint FROM knowledge_articles;

-- name: list_live_articles
SELECT v.content
FROM knowledge_articles a
JOIN knowledge_versions v ON v.article_id = a.id AND v.version = a.live_version
ORDER BY a.id;

-- name: find_live_article
SELECT v.content
FROM knowledge_articles a
JOIN knowledge_versions v ON v.article_id = a.id AND v.version = a.live_version
WHERE a.id = %(id)s::text;

-- name: list_pack_marks
SELECT id, pack_sha256, from_pack, version, state FROM knowledge_articles;

-- name: find_article
SELECT {article_columns}
FROM knowledge_articles
WHERE id = %(id)s::text;

-- name: list_articles
SELECT {article_columns}
FROM knowledge_articles
WHERE (%(state)s::text IS NULL OR state = %(state)s::text)
    AND (%(agency_id)s::text IS NULL OR agency_id = %(agency_id)s::text)
    AND (%(words)s::text IS NULL
         OR strpos(lower(concat_ws(' ', title, answer, more, array_to_string(questions, ' '))),
                   lower(%(words)s::text)) > 0)
    AND (%(after)s::text IS NULL OR id > %(after)s::text)
ORDER BY id
LIMIT %(limit)s::int;

-- name: add_article
INSERT INTO knowledge_articles (id, state, title, questions, answer, more, service, audience,
    language, agency_id, department, valid_from, valid_until, confirmed, source, editor,
    pack_sha256, from_pack, live_version, updated_at)
VALUES (%(id)s::text, %(state)s::text, %(title)s::text, %(questions)s::text[], %(answer)s::text,
        %(more)s::text, %(service)s::text, %(audience)s::text, %(language)s::text,
        %(agency_id)s::text, %(department)s::text, %(valid_from)s::date, %(valid_until)s::date,
        %(confirmed)s::boolean, %(source)s::text, %(editor)s::text, %(pack_sha256)s::bytea,
        %(from_pack)s::boolean, %(live_version)s::int, %(updated_at)s::timestamptz)
ON CONFLICT (id) DO NOTHING
RETURNING id;

-- name: save_article
UPDATE knowledge_articles
SET version = version + 1, state = %(state)s::text, title = %(title)s::text,
    questions = %(questions)s::text[], answer = %(answer)s::text, more = %(more)s::text,
    service = %(service)s::text, audience = %(audience)s::text, language = %(language)s::text,
    agency_id = %(agency_id)s::text, department = %(department)s::text,
    valid_from = %(valid_from)s::date, valid_until = %(valid_until)s::date,
    confirmed = %(confirmed)s::boolean, source = %(source)s::text, editor = %(editor)s::text,
    pack_sha256 = coalesce(%(pack_sha256)s::bytea, pack_sha256),
    from_pack = %(from_pack)s::boolean, live_version = %(live_version)s::int,
    updated_at = %(updated_at)s::timestamptz
WHERE id = %(id)s::text AND version = %(version)s::int
RETURNING version;

-- name: add_version
INSERT INTO knowledge_versions (article_id, version, at, actor, action, state, reason, content)
VALUES (%(id)s::text, %(version)s::int, %(at)s::timestamptz, %(actor)s::text, %(action)s::text,
        %(state)s::text, %(reason)s::text, %(content)s::jsonb);

-- name: list_versions
SELECT version, at, actor, action, state, reason, content
FROM knowledge_versions
WHERE article_id = %(id)s::text
ORDER BY version;

-- name: gauge_articles
SELECT state, count(*)::int AS total,
       count(*) FILTER (WHERE live_version IS NOT NULL AND valid_until
                        BETWEEN %(day)s::date AND %(day)s::date + 30)::int AS expiring
FROM knowledge_articles
GROUP BY state;

-- name: count_again
WITH near AS (
    SELECT id, embedding <=> %(embedding)s::halfvec AS distance
    FROM knowledge_gaps
    WHERE state = 'open' AND model_version = %(model_version)s::text
    ORDER BY distance, id
    LIMIT 1)
UPDATE knowledge_gaps g
SET asked = asked + 1, last_at = greatest(last_at, %(at)s::timestamptz)
FROM near
WHERE g.id = near.id AND near.distance < %(alike)s::float8
RETURNING g.id;

-- name: add_gap
INSERT INTO knowledge_gaps (id, question, embedding, model_version, nearest, confidence,
                            first_at, last_at)
VALUES (%(id)s::uuid, %(question)s::text, %(embedding)s::halfvec, %(model_version)s::text,
        %(nearest)s::text, %(confidence)s::real, %(at)s::timestamptz, %(at)s::timestamptz);

-- name: list_gaps
SELECT {gap_columns}
FROM knowledge_gaps
WHERE state = %(state)s::text
    AND (%(asked)s::int IS NULL
         OR (asked, last_at, id) < (%(asked)s::int, %(last_at)s::timestamptz, %(id)s::uuid))
ORDER BY asked DESC, last_at DESC, id DESC
LIMIT %(limit)s::int;

-- name: find_gap
SELECT {gap_columns}
FROM knowledge_gaps
WHERE id = %(id)s::uuid;

-- name: close_gap
UPDATE knowledge_gaps
SET state = %(state)s::text, actor = %(actor)s::text, article_id = %(article_id)s::text
WHERE id = %(id)s::uuid AND state = 'open'
RETURNING id;

-- name: forget_gaps
DELETE FROM knowledge_gaps WHERE last_at < %(before)s::timestamptz;

-- name: gauge_gaps
SELECT count(*)::int, coalesce(sum(asked), 0)::int FROM knowledge_gaps WHERE state = 'open';
