-- Runs unchanged on SQLite and PostgreSQL.

-- Whether a provider side refused the attempt before its provider saw it.
ALTER TABLE record ADD COLUMN bounced BOOLEAN NOT NULL DEFAULT FALSE;

-- What the check said of a call; null where there was none, or it granted nothing.
ALTER TABLE record ADD COLUMN reservation TEXT;
ALTER TABLE record ADD COLUMN check_epoch TEXT;   -- decision that it read
ALTER TABLE record ADD COLUMN check_price BIGINT; -- atomic units per 1 000 work units at the first choice
ALTER TABLE record ADD COLUMN held_micros BIGINT;
ALTER TABLE record ADD COLUMN pick TEXT;          -- what it chose among
