-- The operations that are known, by their paths.
local function set(...)
  local all = {}
  for _, each in ipairs({...}) do all[each] = true end
  return all
end

-- What may stand behind /v1/, in the way that OpenAI's API and those that follow it name it.
local OPERATIONS = set(
  "chat/completions", "completions", "embeddings", "responses", "responses/input_tokens", "responses/compact",
  "messages", "messages/count_tokens", "moderations", "audio/speech", "audio/transcriptions", "audio/translations",
  "images/generations", "images/edits", "images/variations", "rerank", "reranking", "score", "classify", "pooling",
  "tokenize", "detokenize", "fim/completions", "ocr")
-- What servers have beside it, without a version: Ollama, llama.cpp, vLLM, text-embeddings-inference and others.
local NATIVE = set(
  "api/chat", "api/generate", "api/embed", "api/embeddings", "completion", "embedding", "infill", "apply-template",
  "generate", "generate_stream", "embed", "embed_all", "embed_sparse", "predict", "similarity", "decode", "v2/rerank",
  "v2/embed")
local ANY, NONE = "*", "?" -- who may serve a path: any pool, or only one that lists it

-- The operation that a path without query names, nil where it names none, and who may serve it: ANY, NONE, or the pool whose
-- pathPrefix is the path before the operation.
local function operation_of(path)
  if find(path, ";", 1, true) then return nil, NONE end
  local name = match(path, '^/v1/(.+)$')
  if OPERATIONS[name] then return name, ANY end
  name = sub(path, 2)
  if OPERATIONS[name] or NATIVE[name] then return name, ANY end
  local base
  base, name = match(path, '^(/.+)/v1/(.+)$')
  if OPERATIONS[name] and not find(base .. "/", "/v1/", 1, true) then return name, ANY end
  name = match(path, '^/openai/deployments/[^/]+/(.+)$') or match(path, '^/v1beta/openai/(.+)$')
  if OPERATIONS[name] then return name, ANY end
  for _, shape in ipairs({'^(.*)/([^/]+/[^/]+)$', '^(.*)/([^/]+)$'}) do
    base, name = match(path, shape)
    if OPERATIONS[name] or NATIVE[name] then return name, base end
  end
  return nil, NONE
end
