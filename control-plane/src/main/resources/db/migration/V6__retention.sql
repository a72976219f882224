-- Runs unchanged on SQLite and PostgreSQL.

-- The newest calls first, and the oldest records of either kind.
DROP INDEX record_calls;
CREATE INDEX record_starts ON record (kind, start_micros, request_id);

-- What no file has confirmed: little, where collectors run.
CREATE INDEX record_unconfirmed ON record (kind, start_micros, duration_micros, from_file) WHERE from_file = FALSE;

-- Files that old rows went to before they were deleted. Written down before the file is, so that whoever goes on after a
-- crash writes the same one again.
CREATE TABLE export (
  file      TEXT    NOT NULL PRIMARY KEY,
  source    TEXT    NOT NULL, -- the table
  rows      BIGINT  NOT NULL, -- 0 until done
  at_millis BIGINT  NOT NULL, -- when it was begun, since 1970
  done      BOOLEAN NOT NULL  -- whether its rows are deleted
);
