-- The API gives and takes rights in a transaction that sees the whole city, as an administrator's
-- does, and in no other. Signing in and changing one's own password touch none of these columns.
CREATE FUNCTION guard_staff_rights() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF current_user = 'minwon_api'
        AND current_setting('minwon.scope', true) IS DISTINCT FROM 'city' THEN
        RAISE insufficient_privilege USING MESSAGE = 'rights are given in the city''s scope alone';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER staff_rights
    BEFORE INSERT OR UPDATE OF role, agency_id, departments, is_manager, may_approve, active
    ON staff FOR EACH STATEMENT EXECUTE FUNCTION guard_staff_rights();
