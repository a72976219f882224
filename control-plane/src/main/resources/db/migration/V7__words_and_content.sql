-- Runs unchanged on SQLite and PostgreSQL.

-- Words of the request's body; null where they were not counted, and in rows of before.
ALTER TABLE record ADD COLUMN words BIGINT;

-- Bytes of text in the pieces of content; null where none was looked for, and in rows of before.
ALTER TABLE record ADD COLUMN content_bytes BIGINT;
