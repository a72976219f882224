-- Runs unchanged on SQLite and PostgreSQL.

-- Of each pool, the prices that were announced last. They are here before any sidecar has them.
CREATE TABLE announced_price (
  pool     TEXT   NOT NULL,
  provider TEXT   NOT NULL, -- '': the pool's own
  number   BIGINT NOT NULL, -- of the prices in the pool's sequence
  price    BIGINT NOT NULL, -- atomic units per 1 000 work units
  PRIMARY KEY (pool, provider)
);
