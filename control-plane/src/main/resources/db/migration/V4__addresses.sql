-- Runs unchanged on SQLite and PostgreSQL.

-- Where hosts of the configuration were found last.
CREATE TABLE address (
  host      TEXT NOT NULL PRIMARY KEY,
  addresses TEXT NOT NULL -- IP addresses, a space between them
);
