-- Group roles that the programs act under; none can log in or is a superuser.
-- A program logs in as whoever the operator says and takes one of these roles on connecting.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['minwon_api', 'minwon_worker', 'minwon_auditor'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- roles belong to the whole server; another database made it
        END;
        EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
    END LOOP;
END
$$;

GRANT USAGE ON SCHEMA public TO minwon_api, minwon_worker, minwon_auditor;
CREATE EXTENSION IF NOT EXISTS vector;
