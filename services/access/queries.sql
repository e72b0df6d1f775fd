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

-- name: list_desk_people
SELECT {staff_columns}
FROM staff
WHERE role = 'triage' AND active
ORDER BY display_name, id;

-- name: list_display_names
SELECT id, display_name FROM staff WHERE id = ANY(%(ids)s::uuid[]);

-- name: set_staff_active
UPDATE staff SET active = %(active)s::boolean WHERE id = %(id)s::uuid;

-- name: update_staff
UPDATE staff
SET display_name = %(display_name)s::text, role = %(role)s::text, email = %(email)s::text,
    agency_id = %(agency_id)s::text, departments = %(departments)s::text[],
    is_manager = %(is_manager)s::boolean, may_approve = %(may_approve)s::boolean,
    language = %(language)s::text
WHERE id = %(id)s::uuid;

-- name: set_staff_password
UPDATE staff SET password_hash = %(password_hash)s::text WHERE id = %(id)s::uuid;

-- name: set_staff_language
UPDATE staff SET language = %(language)s::text WHERE id = %(id)s::uuid;

-- name: end_sessions_of
DELETE FROM staff_sessions WHERE staff_id = %(staff_id)s::uuid;

-- name: begin_session
INSERT INTO staff_sessions (token_sha256, staff_id, expires_at)
VALUES (%(token)s::bytea, %(staff_id)s::uuid, now() + make_interval(secs => %(seconds)s::int));

-- name: note_sign_in
UPDATE staff SET last_sign_in_at = now() WHERE id = %(id)s::uuid;

-- name: find_session
WITH session AS (
    SELECT staff_id FROM staff_sessions
    WHERE token_sha256 = %(token)s::bytea AND expires_at > now()
        AND used_at > now() - make_interval(secs => %(idle)s::int)
), touched AS (
    UPDATE staff_sessions SET used_at = now()
    WHERE token_sha256 = %(token)s::bytea AND %(touch)s::boolean
        AND used_at < now() - interval '1 minute' AND EXISTS (SELECT FROM session)
)
SELECT {staff_columns}
FROM staff
WHERE active AND id = (SELECT staff_id FROM session);

-- name: end_session
DELETE FROM staff_sessions WHERE token_sha256 = %(token)s::bytea;

-- name: forget_sessions
DELETE FROM staff_sessions
WHERE expires_at < now() OR used_at < now() - interval '1 day';

-- name: forget_flows
DELETE FROM sign_in_flows WHERE created_at < now() - interval '1 hour';

-- name: forget_attempts
DELETE FROM sign_in_attempts WHERE last_at < now() - interval '1 day';

-- name: count_attempts
INSERT INTO sign_in_attempts AS a (subject, count, last_at)
SELECT g.subject, 1, now()
FROM unnest(%(subjects)s::bytea[]) AS g (subject)
ORDER BY g.subject
ON CONFLICT (subject) DO UPDATE
SET count = CASE WHEN a.last_at < now() - interval '1 hour' THEN 1 ELSE a.count + 1 END,
    last_at = now(),
    blocked_until = NULL
WHERE a.blocked_until IS NULL OR a.blocked_until <= now()
RETURNING subject, count;

-- name: block_attempts
UPDATE sign_in_attempts
SET blocked_until = now() + make_interval(secs => %(seconds)s::int)
WHERE subject = %(subject)s::bytea;

-- name: find_blocked_seconds
SELECT max(ceil(extract(epoch FROM blocked_until - now())))::int
FROM sign_in_attempts
WHERE subject = ANY(%(subjects)s::bytea[]) AND blocked_until > now();

-- name: forgive_name
DELETE FROM sign_in_attempts WHERE subject = %(subject)s::bytea;

-- name: forgive_address
UPDATE sign_in_attempts SET count = greatest(count - 1, 0), blocked_until = NULL
WHERE subject = %(subject)s::bytea;

-- name: find_password
SELECT id, password_hash FROM staff WHERE username = %(username)s::text AND active;

-- name: append_audit
INSERT INTO audit_log (actor, address, action, case_id, data)
VALUES (%(actor)s::text, %(address)s::text, %(action)s::text, %(case_id)s::uuid, %(data)s::jsonb);

-- name: find_staff_by_subject
SELECT id FROM staff
WHERE oidc_issuer = %(issuer)s::text AND oidc_subject = %(subject)s::text AND active;

-- name: bind_staff_to_subject
UPDATE staff SET oidc_issuer = %(issuer)s::text, oidc_subject = %(subject)s::text
WHERE lower(email) = lower(%(email)s::text) AND oidc_subject IS NULL AND active
    AND NOT EXISTS (
        SELECT FROM staff other
        WHERE other.oidc_issuer = %(issuer)s::text AND other.oidc_subject = %(subject)s::text)
RETURNING id;

-- name: begin_flow
INSERT INTO sign_in_flows (state_sha256, nonce, verifier, return_to)
VALUES (%(state)s::bytea, %(nonce)s::text, %(verifier)s::text, %(return_to)s::text);

-- name: take_flow
DELETE FROM sign_in_flows WHERE state_sha256 = %(state)s::bytea
RETURNING nonce, verifier, return_to, created_at > now() - interval '10 minutes' AS fresh;

-- name: list_audit
SELECT id, previous, hash, audit_content(at, actor, address, action, case_id, data) AS content
FROM audit_log
ORDER BY id;

-- name: find_audit_head
SELECT id, hash FROM audit_head;

-- name: prune_audit_log
SELECT prune_audit_log(now() - interval '2 years', %(at_most)s::int);
