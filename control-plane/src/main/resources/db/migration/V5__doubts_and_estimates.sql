-- Runs unchanged on SQLite and PostgreSQL.

-- By what a call was valued: nothing, request, reported, estimated. Null in rows of before.
ALTER TABLE record ADD COLUMN basis TEXT;

-- What of the record can't be; such a one owes nothing by it. Null where there is no doubt.
ALTER TABLE record ADD COLUMN doubt TEXT;

-- Tokens where the basis is an estimate.
ALTER TABLE record ADD COLUMN estimated_prompt_tokens BIGINT;
ALTER TABLE record ADD COLUMN estimated_completion_tokens BIGINT;

-- Pieces of content that passed, and how many of them the provider's last count can know of; null where none was looked for.
ALTER TABLE record ADD COLUMN pieces BIGINT;
ALTER TABLE record ADD COLUMN counted_pieces BIGINT;
