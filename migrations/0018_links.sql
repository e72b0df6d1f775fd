-- The link of a live call's page is kept as its sha256 alone, as those of other pages are. The link
-- itself is derived from the call's id and the installation's secret whenever it is told.
ALTER TABLE calls ADD COLUMN link_sha256 bytea UNIQUE CHECK (length(link_sha256) = 32);
UPDATE calls SET link_sha256 = sha256(convert_to(visual_token, 'UTF8'));
ALTER TABLE calls ALTER COLUMN link_sha256 SET NOT NULL, DROP COLUMN visual_token;
