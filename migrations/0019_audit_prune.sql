-- The audit log is kept for two years and then shortened from its beginning. What a shortening
-- leaves is a row that holds the number and the hash of the last one removed, so that the chain
-- still has its beginning; `minwon audit verify` starts there.
CREATE FUNCTION prune_audit_log(cut timestamptz, at_most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first bigint;
    last audit_log%ROWTYPE;
BEGIN
    IF cut > now() - interval '2 years' THEN
        RAISE EXCEPTION 'the audit log is kept for two years'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM FROM audit_head FOR UPDATE;
    SELECT min(o.id), coalesce(min(o.id) FILTER (WHERE o.at >= cut) - 1, max(o.id))
    INTO first, last.id
    FROM (SELECT a.id, a.at FROM audit_log a ORDER BY a.id LIMIT at_most) o;
    IF last.id IS NULL OR last.id < first THEN
        RETURN 0;
    END IF;
    SELECT a.hash INTO STRICT last.hash FROM audit_log a WHERE a.id = last.id;
    INSERT INTO audit_log (actor, action, data)
    VALUES ('system', 'prune',
            jsonb_build_object('through', last.id, 'hash', encode(last.hash, 'hex')));
    PERFORM set_config('minwon.audit_cut', last.id::text, true);
    DELETE FROM audit_log WHERE id <= last.id;
    PERFORM set_config('minwon.audit_cut', '', true);
    RETURN last.id - first + 1;
END
$$;
REVOKE ALL ON FUNCTION prune_audit_log(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prune_audit_log(timestamptz, integer) TO minwon_worker;

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at < now() - interval '2 years'
            AND OLD.id <= nullif(current_setting('minwon.audit_cut', true), '')::bigint
        THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log is only ever added to' USING ERRCODE = 'insufficient_privilege';
END
$$;

-- Who may add rows may not say that others were removed.
CREATE FUNCTION refuse_false_prune() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT pg_has_role(current_user,
                       (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
        RAISE EXCEPTION 'only a shortening says what it removed'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_log_is_pruned_by_itself BEFORE INSERT ON audit_log
    FOR EACH ROW WHEN (NEW.action = 'prune') EXECUTE FUNCTION refuse_false_prune();
