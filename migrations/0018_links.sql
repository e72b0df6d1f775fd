-- The link of a live call's page is kept as its sha256 alone, as those of other pages are. The link
-- itself is derived from the call's id and the installation's secret whenever it is told.
ALTER TABLE calls ADD COLUMN link_sha256 bytea UNIQUE CHECK (length(link_sha256) = 32);
UPDATE calls SET link_sha256 = sha256(convert_to(visual_token, 'UTF8'));
ALTER TABLE calls ALTER COLUMN link_sha256 SET NOT NULL, DROP COLUMN visual_token;

-- How many pages wait, and how many wait to be closed.
CREATE POLICY visual_sessions_figures ON visual_sessions FOR SELECT TO minwon_api
    USING (current_setting('minwon.scope', true) = 'city');
