-- name: load_texts
SELECT id, receipt_number, title, text, dong, address, district
FROM cases
WHERE id = ANY(%(ids)s::uuid[]);

-- name: put_words
INSERT INTO case_words (case_id, words)
SELECT g.case_id, g.words::tsvector
FROM unnest(%(ids)s::uuid[], %(words)s::text[]) AS g (case_id, words)
ORDER BY g.case_id
ON CONFLICT (case_id) DO UPDATE SET words = excluded.words;

-- name: list_wordless
SELECT c.id
FROM cases c
WHERE c.state NOT IN ('draft', 'received')
    AND NOT EXISTS (SELECT FROM case_words w WHERE w.case_id = c.id)
LIMIT %(limit)s::int;
