-- name: retire_agencies
UPDATE agencies SET is_active = false;

-- name: retire_departments
UPDATE departments SET is_active = false;

-- name: put_agency
INSERT INTO agencies (id, name, kind, belongs_to_city)
VALUES (%(id)s::text, %(name)s::text, %(kind)s::text, %(belongs_to_city)s::boolean)
ON CONFLICT (id) DO UPDATE
SET name = excluded.name, kind = excluded.kind, belongs_to_city = excluded.belongs_to_city,
    is_active = true;

-- name: put_department
INSERT INTO departments (agency_id, name, direct_resolve)
VALUES (%(agency)s::text, %(name)s::text, %(direct_resolve)s::boolean)
ON CONFLICT (agency_id, name) DO UPDATE
SET direct_resolve = excluded.direct_resolve, is_active = true;
