-- name: find_key
SELECT id, secret_sha256, role, client, agency_id, departments
FROM api_keys
WHERE id = %(id)s::text AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now());

-- name: insert_key
INSERT INTO api_keys (id, secret_sha256, role, client, agency_id, departments, expires_at)
VALUES (%(id)s::text, %(secret_sha256)s::bytea, %(role)s::text, %(client)s::text,
        %(agency_id)s::text, %(departments)s::text[], %(expires_at)s::timestamptz);

-- name: list_keys
SELECT id, role, client, agency_id, departments, created_at, expires_at, revoked_at
FROM api_keys
ORDER BY created_at, id;

-- name: revoke_key
UPDATE api_keys SET revoked_at = now() WHERE id = %(id)s::text AND revoked_at IS NULL;

-- part: staff_columns
id, username, display_name, email, role, agency_id, departments, is_manager, may_approve,
language, active, last_sign_in_at

-- name: insert_staff
INSERT INTO staff (id, username, display_name, email, role, agency_id, departments, is_manager,
                   may_approve, language, oidc_issuer, oidc_subject, password_hash)
VALUES (%(id)s::uuid, %(username)s::text, %(display_name)s::text, %(email)s::text, %(role)s::text,
        %(agency_id)s::text, %(departments)s::text[], %(is_manager)s::boolean,
        %(may_approve)s::boolean, %(language)s::text, %(oidc_issuer)s::text,
        %(oidc_subject)s::text, %(password_hash)s::text);

-- name: find_staff
SELECT {staff_columns}
FROM staff
WHERE id = %(id)s::uuid;

-- name: find_staff_by_username
SELECT {staff_columns}
FROM staff
WHERE username = %(username)s::text;

-- name: list_staff
SELECT {staff_columns}
FROM staff
ORDER BY username;

-- name: list_staff_of
SELECT {staff_columns}
FROM staff
WHERE agency_id = %(agency_id)s::text AND role = 'staff' AND active
    AND (%(department)s::text IS NULL OR departments IS NULL
         OR %(department)s::text = ANY(departments))
ORDER BY display_name, id;

-- name: list_supervisors_of
SELECT {staff_columns}
FROM staff
WHERE role = 'supervisor' AND active
    AND (agency_id IS NULL OR agency_id = %(agency_id)s::text)
ORDER BY display_name, id;

-- name: list_display_names
SELECT id, display_name FROM staff WHERE id = ANY(%(ids)s::uuid[]);

-- name: set_staff_active
UPDATE staff SET active = %(active)s::boolean WHERE id = %(id)s::uuid;

-- name: set_staff_password
UPDATE staff SET password_hash = %(password_hash)s::text WHERE id = %(id)s::uuid;

-- name: set_staff_language
UPDATE staff SET language = %(language)s::text WHERE id = %(id)s::uuid;

-- name: end_sessions_of
DELETE FROM staff_sessions WHERE staff_id = %(staff_id)s::uuid;
