-- Runs unchanged on SQLite and PostgreSQL.

-- The latest start of a record that came from the file, since 1970; 0 = not known.
ALTER TABLE log_file ADD COLUMN newest_micros BIGINT NOT NULL DEFAULT 0;
-- Where the file was when it was looked at last, and when it was first seen there; since 1970.
ALTER TABLE log_file ADD COLUMN looked_position BIGINT NOT NULL DEFAULT -1;
ALTER TABLE log_file ADD COLUMN moved_millis BIGINT NOT NULL DEFAULT 0;

-- Of each sidecar that had files whose positions are forgotten: the latest start of a record that came from one of them. What
-- is older may have been stored once.
CREATE TABLE forgotten_file (
  sidecar       TEXT   NOT NULL PRIMARY KEY,
  newest_micros BIGINT NOT NULL
);
