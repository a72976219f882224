-- Runs unchanged on SQLite and PostgreSQL.

-- One row, name = 'term': the last term given out.
CREATE TABLE counter (
  name  TEXT   NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL
);

-- Released decisions, body = JSON.
CREATE TABLE decision (
  term      BIGINT NOT NULL,
  sequence  BIGINT NOT NULL,
  at_millis BIGINT NOT NULL,
  body      TEXT   NOT NULL,
  PRIMARY KEY (term, sequence)
);

-- One row per call and per attempt. Identity: a call is number 0 of its request, an attempt its own number.
CREATE TABLE record (
  request_id        TEXT             NOT NULL,
  number            INTEGER          NOT NULL,
  sidecar           TEXT             NOT NULL,
  kind              TEXT             NOT NULL CHECK (kind IN ('call', 'attempt')),
  attempt           INTEGER          NOT NULL, -- a call's: attempts made
  from_file         BOOLEAN          NOT NULL, -- whether the record of truth has been seen
  start_micros      BIGINT           NOT NULL, -- since 1970
  duration_micros   BIGINT           NOT NULL,
  first_byte_micros BIGINT           NOT NULL, -- -1: none came
  whole             BOOLEAN          NOT NULL, -- whether the response was carried to its end
  pool              TEXT             NOT NULL, -- '': no pool matched
  provider          TEXT             NOT NULL, -- '': nobody was called
  epoch             TEXT             NOT NULL, -- '': unknown
  price             BIGINT           NOT NULL, -- atomic units per 1 000 work units, -1: nobody was called
  price_number      BIGINT           NOT NULL, -- the price's number in its pool, -1: nobody was called
  status            INTEGER          NOT NULL, -- 0: none sent
  details           TEXT             NOT NULL,
  flags             TEXT             NOT NULL,
  completed         BOOLEAN          NOT NULL, -- a 2xx of the provider that was not cut
  method            TEXT             NOT NULL,
  path              TEXT             NOT NULL, -- without query
  model             TEXT             NOT NULL,
  streamed          BOOLEAN          NOT NULL,
  prompt_tokens     BIGINT,                    -- the four: null where no usage was seen
  completion_tokens BIGINT,
  total_tokens      BIGINT,
  cached_tokens     BIGINT,
  bytes_received    BIGINT           NOT NULL,
  bytes_sent        BIGINT           NOT NULL,
  work              DOUBLE PRECISION NOT NULL, -- work units
  amount_milli      BIGINT,                    -- 1/1000 atomic unit, null where nothing is owed
  tenant            TEXT,
  task              TEXT,
  caller_class      TEXT,
  PRIMARY KEY (request_id, number, sidecar)
);

-- The newest calls first.
CREATE INDEX record_calls ON record (start_micros, request_id) WHERE kind = 'call';

-- Running sums over record, kept in the same transactions.
CREATE TABLE total (
  kind      TEXT   NOT NULL,
  provider  TEXT   NOT NULL,
  records   BIGINT NOT NULL,
  completed BIGINT NOT NULL,
  tokens    BIGINT NOT NULL,
  PRIMARY KEY (kind, provider)
);

-- How far each sidecar's log file is stored.
CREATE TABLE log_file (
  sidecar  TEXT   NOT NULL,
  file_id  TEXT   NOT NULL,
  position BIGINT NOT NULL, -- everything before this offset is in record, or was counted as rejected
  accepted BIGINT NOT NULL, -- lines
  rejected BIGINT NOT NULL, -- lines
  PRIMARY KEY (sidecar, file_id)
);
