-- name: put_rating
INSERT INTO ratings (case_id, score, comment, at)
VALUES (%(case_id)s::uuid, %(score)s::smallint, %(comment)s::text, %(at)s::timestamptz)
ON CONFLICT (case_id) DO UPDATE
SET score = excluded.score, comment = excluded.comment, at = excluded.at;

-- name: find_rating
SELECT score, comment, at FROM ratings WHERE case_id = %(case_id)s::uuid;
