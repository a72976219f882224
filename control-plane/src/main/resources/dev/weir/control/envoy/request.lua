-- Consumer side: the one reader of requests. Says in metadata what a request asks for (the operation, the model, whether the
-- answer is streamed), which routes, records and the other scripts go by, and asks for the tokens of streams.
-- The streams that report their tokens only where stream_options asks for it.
local COUNTED = set("chat/completions", "completions")
local MODEL, MEMBERS = set("model"), set("model", "stream", "stream_options")
local INCLUDE_USAGE = set("include_usage")
local LONGEST_OPTIONS = 1024 -- bytes of an agent's own stream_options
-- Operations whose body may name an earlier response, and their members.
local CONTINUED = set("responses", "responses/input_tokens", "responses/compact")
local CONTINUING = set("model", "stream", "stream_options", "previous_response_id")
-- What may be done with a response that was made: method and what follows its path.
local BY_ID = set("GET ", "GET /input_items", "DELETE ", "POST /cancel")
local SILENCE = 1000 -- ms without a request, after which the next one is announced as it begins
local came = 0 -- when the last request came, ms since 1970
local BEGIN = {
  [":method"] = "POST", [":path"] = "/weir.v1.Calls/Begin", [":authority"] = "weir-control-plane",
  ["content-type"] = "application/grpc", te = "trailers",
}
local EMPTY_MESSAGE = "\0\0\0\0\0" -- a gRPC message: not compressed, of no bytes
local LONGEST_MODEL = 1024 -- bytes; pools' models are at most 256 characters
local JSON, FORM, OTHER = 1, 2, 3
local NOT_READ = "The request's body could not be read (expected: a JSON object, content type application/json)."
-- Escapes of characters by which one path could be read as another: NUL . / ; # ? % \
local TWISTED = set("00", "2e", "2f", "3b", "23", "3f", "25", "5c")

-- Whether every server takes the path for the same one. Some drop what follows a semicolon in a segment.
local function is_plain(path)
  if find(path, '[^!-~]') or find(path, '[\\#]') or find(path, "//", 1, true) or find(path .. "/", '/%.%.?[;/]') then
    return false
  end
  for code in gmatch(path, '%%(.?.?)') do
    if not find(code, '^%x%x$') or TWISTED[lower(code)] then return false end
  end
  return true
end

local function kind_of(content_type)
  if content_type == nil then return JSON end
  local media = lower(match(content_type, '^%s*([^;%s]*)'))
  if media == "" or media == "application/json" or find(media, '^application/[a-z0-9.+-]+%+json$') then return JSON end
  return media == "multipart/form-data" and FORM or OTHER
end

-- The text with the member name = value first in the object that opens at open.
local function with_member(s, open, member)
  local rest = find(s, '^[ \t\n\r]*}', open + 1) and "" or ","
  return sub(s, 1, open) .. member .. rest .. sub(s, open + 1)
end

-- The body s with stream_options.include_usage = true; nil where it is so already or the provider is to refuse it. Nil and
-- why where parsers would disagree on it. Third, what is ours in it: length bytes at at, over what was there.
local function with_usage(s, found)
  local own = found.stream_options
  if own == nil then
    local changed = with_member(s, found.open, '"stream_options":{"include_usage":true}')
    return changed, nil, {at = found.open + 1, length = #changed - #s, over = ""}
  end
  if own.last - own.first >= LONGEST_OPTIONS then return nil end
  local options = sub(s, own.first, own.last)
  if options == "null" then
    options = '{"include_usage":true}'
  elseif byte(options) ~= 123 then
    return nil
  else
    local inner, why, code = fields(options, INCLUDE_USAGE)
    if inner == nil then return nil, code == "ambiguous_json" and why or nil end
    local asked = inner.include_usage
    if asked == nil then
      options = with_member(options, inner.open, '"include_usage":true')
    else
      local value = sub(options, asked.first, asked.last)
      if value ~= "false" and value ~= "null" then return nil end
      options = sub(options, 1, asked.first - 1) .. "true" .. sub(options, asked.last + 1)
    end
  end
  local ours = {at = own.first, length = #options, over = sub(s, own.first, own.last)}
  return sub(s, 1, own.first - 1) .. options .. sub(s, own.last + 1), nil, ours
end

-- Why this value, JSON text, is no model's name, as {code, message, param}; else nil and the name.
local function name_in(value)
  if value == nil or value == "null" then
    return {"missing_required_parameter", "The request's body must have a model.", "model"}
  end
  if byte(value) ~= 34 or #value < 3 then
    return {"invalid_value", "The model must be a name: a string that is not empty.", "model"}
  end
  local name = #value <= 6 * LONGEST_MODEL and unescaped(sub(value, 2, -2))
  if not name or #name > LONGEST_MODEL then
    return {"invalid_value", "The model must be a name: valid Unicode of at most " .. LONGEST_MODEL .. " bytes.", "model"}
  end
  return nil, name
end

-- What a JSON body says: {model, stream, changed} with changed = the body to send in its place, or {problem} as name_in
-- gives it, or {ambiguous = why}.
local function read_json(s, operation)
  local found, why, code = fields(s, CONTINUED[operation] and CONTINUING or MEMBERS)
  if found == nil then
    if code == "ambiguous_json" then return {ambiguous = why} end
    return {problem = {code, "The request's body " .. why .. "."}}
  end
  local value = found.model and sub(s, found.model.first, found.model.last)
  local problem, model = name_in(value)
  local said = {problem = problem, model = model}
  local previous = found.previous_response_id
  said.previous = previous and match(sub(s, previous.first, previous.last), '^"([^"\\]+)"$')
  local stream = found.stream and sub(s, found.stream.first, found.stream.last)
  if stream == "true" then
    said.stream = true
  elseif stream == "false" then
    said.stream = false
  elseif stream ~= nil and stream ~= "null" and COUNTED[operation] then
    return {problem = {"invalid_value", "stream must be true or false.", "stream"}, unusable = true}
  end
  if said.stream and COUNTED[operation] then
    said.changed, said.ambiguous, said.ours = with_usage(s, found)
  end
  return said
end

local function read_form(s, content_type)
  local boundary = boundary_of(content_type)
  if boundary == nil then return {problem = {"invalid_form", "The form's content type must name its boundary."}} end
  local found, why = form_fields(s, boundary, MEMBERS)
  if found == nil then return {problem = {"invalid_form", "The request's body " .. why .. "."}} end
  local model = found.model and sub(s, found.model.first, found.model.last)
  if model == nil then
    return {problem = {
      "missing_required_parameter", "The form must have a field model, or a pool must take its path (pathPrefix).", "model",
    }}
  end
  if model == "" or #model > LONGEST_MODEL or find(model, '[%z\1-\31]') or not is_utf8(model) then
    return {problem = {
      "invalid_value", "The model must be a name: valid Unicode of 1 to " .. LONGEST_MODEL .. " bytes.", "model",
    }}
  end
  return {model = model, stream = found.stream and lower(sub(s, found.stream.first, found.stream.last)) == "true"}
end

local function tell(handle, key, value)
  handle:streamInfo():dynamicMetadata():set("weir.req", key, value)
end

local function routed(handle, said)
  if said.model then tell(handle, "model", said.model) end
  if said.stream ~= nil then tell(handle, "stream", said.stream) end
  if said.problem then
    tell(handle, "problem", said.problem[1])
    tell(handle, "message", said.problem[2])
    if said.problem[3] then tell(handle, "param", said.problem[3]) end
  end
  tell(handle, "read", true)
  handle:clearRouteCache()
  if handle:metadata():get("pace") ~= nil then handle:headers():replace("weir-came", handle:timestamp()) end
end

-- A request that names a response goes to its maker, who alone knows it, and to nobody else. Where this sidecar has not seen it
-- made, one member after the other is asked: who does not know it says 400 or 404 at once.
local function follow_up(handle, id)
  local providers, weights = handle:metadata():get("providers"), handle:metadata():get("weights")
  if providers == nil then return end -- there is one to ask
  local maker = maker_of(id)
  local headers, others = handle:headers(), -1
  for i = 1, #providers do
    if weights[i] > 0 then others = others + 1 end
    if providers[i] == maker and weights[i] > 0 then
      tell(handle, "follows", maker)
      headers:replace("x-envoy-max-retries", "0")
      return
    end
  end
  headers:replace("x-envoy-retry-on", "retriable-status-codes")
  headers:replace("x-envoy-retriable-status-codes", "400,404")
  headers:replace("x-envoy-max-retries", string.format("%d", others))
end

-- The id of the response that is to be read, cancelled or deleted; nil for any other request.
local function made_before(method, path)
  local base, id, rest = match(path, '^(.*)/v1/responses/([^/]+)(.*)$')
  if id == nil or not BY_ID[method .. " " .. rest] or find(base .. "/", "/v1/", 1, true) then return nil end
  return id
end

-- Of such a request the path says all; the model, by which pools are found, is the one that its response was asked for.
local function route_by_id(handle, id)
  local _, model = maker_of(id)
  tell(handle, "operation", "responses/id")
  tell(handle, "base", ANY)
  routed(handle, {model = model})
  if handle:metadata():get("pool") ~= nil then return follow_up(handle, id) end
  return refuse(handle, "404", "response_not_found", "No response '" .. sub(id, 1, 128) .. "' is known here (expected: the id"
    .. " of one of the newest responses that were made through this sidecar).")
end

-- What is left of a decompressed body whose data is broken, or grows too much in one piece: Envoy ends it there without a
-- word. What grew so much repeats itself up to its end.
local function refuse_broken(handle, encoding, compressed, s)
  if #s > 4096 and (#s >= 50 * compressed or find(sub(s, -32768, -65), sub(s, -64), 1, true)) then
    return refuse(handle, "413", "request_too_large", "The request's body ends too early when it is decompressed: it is broken, or"
      .. " expands to more than 100 times its size (content-encoding: " .. encoding .. ").")
  end
  return refuse(handle, "400", "invalid_encoding",
    "The request's body could not be decompressed, or what it holds is broken (content-encoding: " .. encoding .. ").")
end

-- How many bytes came compressed; what Envoy says of it in trailers is not for providers.
local function compressed_bytes(handle)
  local trailers = handle:trailers()
  if trailers == nil then return 0 end
  local count, names = 0, {}
  for name, value in pairs(trailers) do
    if find(name, '^x%-envoy%-') then
      names[#names + 1] = name
      if find(name, '%-[^n]*compressed%-bytes$') and not find(name, 'uncompressed', 1, true) then
        count = math.max(count, tonumber(value) or 0)
      end
    end
  end
  for _, name in ipairs(names) do trailers:remove(name) end
  return count
end

-- The control plane asks a mesh at rest for few load reports: it is told of the first call as it begins. Nobody waits for it.
local function announce(handle)
  local now = handle:timestamp()
  if now - came > SILENCE then handle:httpCall("als", BEGIN, EMPTY_MESSAGE, 1000, true) end
  came = now
end

function envoy_on_request(handle)
  announce(handle)
  local headers = handle:headers()
  local target = headers:get(":path") or "" -- CONNECT has none
  local path = match(target, '^[^?]*')
  local content_type, encoding = headers:get("content-type"), headers:get("weir-encoding")
  local operation, base
  if is_plain(path) then
    local whole = #path > 1 and match(path, '^(.-)/*$') or path
    local id = made_before(headers:get(":method"), whole)
    if id ~= nil and id ~= "input_tokens" and id ~= "compact" then return route_by_id(handle, id) end
    operation, base = operation_of(whole)
    if operation ~= nil and whole ~= path then headers:replace(":path", whole .. sub(target, #path + 1)) end
    if headers:get(":method") ~= "POST" then operation, base = nil, NONE end
    if operation then tell(handle, "operation", operation) end
    tell(handle, "base", base)
  end

  local kind = kind_of(content_type)
  if encoding ~= nil then
    local coding = lower(encoding)
    if coding == "identity" then
      headers:remove("content-encoding")
      encoding = nil
    elseif (coding ~= "gzip" and coding ~= "br" and coding ~= "zstd") or kind == OTHER then
      return refuse(handle, "415", "unsupported_encoding", "content-encoding: " .. encoding
        .. " is not taken here (expected: one of gzip, br and zstd, of JSON or a form; or none).")
    end
  end

  if kind == OTHER then
    return routed(handle, {problem = {"invalid_json", NOT_READ}})
  end
  if kind == FORM and encoding == nil then
    routed(handle, {})
    -- a form that a pool takes by its path or a header may be of any size
    if handle:metadata():get("pool") ~= nil then return end
    tell(handle, "read", false)
    handle:clearRouteCache()
  end

  local body = handle:body()
  local compressed = encoding and compressed_bytes(handle) or 0
  local s = body and body:getBytes(0, body:length()) or ""
  local whole = s
  if encoding ~= nil then tell(handle, "body_bytes", #s) end
  if kind == JSON and sub(s, 1, 3) == "\239\187\191" then s = sub(s, 4) end -- a byte-order mark, which many parsers refuse
  local said
  if s == "" and compressed == 0 then
    said = {problem = {"invalid_json", "The request has no body (expected: a JSON object)."}}
  elseif kind == JSON then
    said = read_json(s, operation)
    tell(handle, "words", count_words(s))
  else
    said = read_form(s, content_type)
  end
  if said.ambiguous then
    return refuse(handle, "400", "ambiguous_json",
      "The request's body " .. said.ambiguous .. ": programs would read it in different ways.")
  end
  if encoding ~= nil and said.problem and (said.problem[1] == "invalid_json" or said.problem[1] == "invalid_form") then
    return refuse_broken(handle, encoding, compressed, whole)
  end
  if said.unusable then
    return refuse(handle, "400", said.problem[1], said.problem[2], said.problem[3])
  end
  if said.changed then
    handle:streamInfo():dynamicMetadata():set("weir.lua", "hide_usage", true)
    handle:streamInfo():dynamicMetadata():set("weir.lua", "asked", said.ours) -- for clusters that take it out again
    s = said.changed
  end
  if body ~= nil and (s ~= whole or encoding ~= nil) then body:setBytes(s) end
  routed(handle, said)
  if said.previous then follow_up(handle, said.previous) end
end
