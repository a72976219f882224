-- Runs unchanged on SQLite and PostgreSQL.

-- Whether the answer, a 2xx by its status, said in its body that it was an error.
ALTER TABLE record ADD COLUMN failed BOOLEAN NOT NULL DEFAULT FALSE;
