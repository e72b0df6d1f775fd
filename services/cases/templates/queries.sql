-- part: template_columns
id, agency_id, department, service, name, text, updated_at, updated_by

-- name: list_templates
SELECT {template_columns}
FROM reply_templates
WHERE (%(agency_id)s::text IS NULL OR agency_id = %(agency_id)s::text)
    AND (%(departments)s::text[] IS NULL
         OR department IS NULL OR department = ANY(%(departments)s::text[]))
    AND (%(service)s::text IS NULL OR service IS NULL OR service = %(service)s::text)
ORDER BY service IS NULL, department IS NULL, name, id
LIMIT 500;

-- name: find_template
SELECT {template_columns} FROM reply_templates WHERE id = %(id)s::uuid;

-- name: put_template
INSERT INTO reply_templates (
    id, agency_id, department, service, name, text, updated_at, updated_by)
VALUES (%(id)s::uuid, %(agency_id)s::text, %(department)s::text, %(service)s::text,
        %(name)s::text, %(text)s::text, %(updated_at)s::timestamptz, %(updated_by)s::text)
ON CONFLICT (id) DO UPDATE
SET department = excluded.department, service = excluded.service, name = excluded.name,
    text = excluded.text, updated_at = excluded.updated_at, updated_by = excluded.updated_by;

-- name: delete_template
DELETE FROM reply_templates WHERE id = %(id)s::uuid;
