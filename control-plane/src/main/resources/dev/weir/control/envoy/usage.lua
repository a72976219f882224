-- Reads of an answer's JSON what was used and whether it is an error. The text may be cut short at its end, or be the end
-- only: what is not there is not known, and nothing is refused for it.
local max = math.max
local HEAD, TAIL = 16384, 65536 -- bytes that are kept of a long text
local USAGE = "weir.usage" -- namespace of what becomes known

-- A text that comes in pieces: all of it up to HEAD + TAIL bytes, of a longer one the first HEAD and the last TAIL or more.
local function new_text()
  return {first = 1, last = 0, size = 0}
end

local function append(text, s)
  if s == "" then return end
  text.last = text.last + 1
  text[text.last] = s
  text.size = text.size + #s
  if text.head == nil then
    if text.size <= HEAD + TAIL then return end
    local all = concat(text, "", text.first, text.last)
    for i = text.first, text.last do text[i] = nil end
    text.head = sub(all, 1, HEAD)
    text[1] = sub(all, -TAIL)
    text.first, text.last, text.size = 1, 1, TAIL
    return
  end
  while text.size - #text[text.first] >= TAIL do
    text.size = text.size - #text[text.first]
    text[text.first] = nil
    text.first = text.first + 1
  end
end

-- The whole text; or its head and its tail.
local function kept(text)
  local rest = concat(text, "", text.first, text.last)
  if text.head == nil then return rest end
  return text.head, rest
end

-- A key as it is meant.
local function plain(key)
  return find(key, "\\", 1, true) and unescaped(key) or key
end

-- Calls visit(key, first, last) for each member of the object that opens at open, with the ends of its value, as far as the
-- text goes. Returns where the object closes; nil where it does not.
local function object(s, open, visit)
  local depth, i, key, first = 1, open, nil, nil
  while true do
    i = find(s, depth == 1 and '["{}%[%],]' or '["{}%[%]]', i + 1)
    if i == nil then return nil end
    local c = byte(s, i)
    if c == 34 then -- a string
      local close = string_end(s, i)
      if close == nil then return nil end
      if depth == 1 and key == nil then
        local _, colon = find(s, '^%s*:%s*', close + 1)
        if colon == nil then return nil end
        key, first = plain(sub(s, i + 1, close - 1)), colon + 1
        close = colon
      end
      i = close
    elseif c == 123 or c == 91 then -- { [
      depth = depth + 1
    else -- } ] ,
      if depth == 1 and key ~= nil then
        local last = i - 1
        while last > first and byte(s, last) <= 32 do last = last - 1 end
        visit(key, first, last)
        key = nil
      end
      if c ~= 44 then depth = depth - 1 end
      if depth == 0 then return i end
    end
  end
end

local function is_object(value)
  return value ~= nil and byte(value, 1) == 123
end

local TOLD = {
  id = true, usage = true, error = true, choices = true, response = true, message = true, type = true, object = true,
  prompt_eval_count = true, eval_count = true,
}

-- What the object that s begins with tells, as JSON text by key, of several values the last; and whether s is that object,
-- whole, and nothing else.
local function read(s)
  local values = {}
  local open = find(s, "%S")
  if open == nil or byte(s, open) ~= 123 then return values, false end
  local close = object(s, open, function(key, first, last)
    if TOLD[key] then values[key] = sub(s, first, last) end
  end)
  return values, close ~= nil and find(s, "%S", close + 1) == nil
end

-- Whether it is worth reading s: cheap, true too often, false only for what tells nothing.
local function tells(s)
  local at = find(s, 'usage"', 1, true)
  while at ~= nil do
    if find(s, '^%s*:%s*{', at + 6) then return true end -- null in most events
    at = find(s, 'usage"', at + 6, true)
  end
  return find(s, 'rror"', 1, true) or find(s, '.failed"', 1, true) or find(s, 'eval_count"', 1, true)
    or find(s, "\\u00", 1, true)
end

-- As clients take it: nothing, false or empty is no error.
local function is_error(value)
  if value == nil then return false end
  local c = byte(value, 1)
  return value == "true" or (c == 34 and value ~= '""') or (c == 123 and find(value, "^{%s*}$") == nil)
end

-- A count of tokens; nil for anything else.
local function count(value)
  local n = find(value, "^%d[%d.eE+-]*$") and tonumber(value)
  return n and n <= 1e12 and n % 1 == 0 and n or nil
end

-- What is known of an answer, and where it is put as soon as it is: a cut ends the script without a word. Its pieces are the
-- events with content that have come, its content the bytes of text in them; nil where it is no stream of a known kind, pieces 0 where
-- it is no text.
local function new_answer(handle)
  return {handle = handle, counts = {}, told = {}}
end

local function tell(answer, key, value)
  if value == nil or answer.told[key] == value then return end
  answer.told[key] = value
  answer.handle:streamInfo():dynamicMetadata():set(USAGE, key, value)
end

local NAMES = {
  prompt_tokens = "prompt", completion_tokens = "completion", total_tokens = "total",
  input_tokens = "input", output_tokens = "output",
  cache_read_input_tokens = "read", cache_creation_input_tokens = "creation", prompt_cache_hit_tokens = "hit",
}

-- Takes in the usage object that opens at open. A later value replaces an earlier one, what is not in it stays.
local function use(answer, s, open)
  local counts = answer.counts
  local known = {}
  object(s, open, function(key, first, last)
    if NAMES[key] then
      known[NAMES[key]] = count(sub(s, first, last))
    elseif (key == "prompt_tokens_details" or key == "input_tokens_details") and byte(s, first) == 123 then
      object(s, first, function(detail, from, to)
        if detail == "cached_tokens" then known.cached = count(sub(s, from, to)) end
      end)
    end
  end)
  if next(known) == nil then return end
  for name, value in pairs(known) do counts[name] = value end
  -- some say the same under both names, and zero under the one that is not theirs
  local prompt, completion = counts.prompt, counts.completion
  if counts.input ~= nil then
    -- what the cache had or took is no part of it where it is told beside it
    prompt = max(prompt or 0, counts.input + (counts.read or 0) + (counts.creation or 0))
  end
  if counts.output ~= nil then completion = max(completion or 0, counts.output) end
  tell(answer, "prompt_tokens", prompt)
  tell(answer, "completion_tokens", completion)
  if known.total ~= nil then
    tell(answer, "total_tokens", known.total)
  elseif answer.told.total_tokens ~= nil then -- of an earlier usage
    tell(answer, "total_tokens", (prompt or 0) + (completion or 0))
  end
  tell(answer, "cached_tokens", counts.cached or counts.read or counts.hit)
  if known.completion ~= nil or known.output ~= nil then tell(answer, "counted_pieces", answer.pieces) end
end

-- Takes note of who made the response whose id is value, JSON text.
local function note_id(answer, value)
  if answer.maker == nil then return end
  local id = value and match(value, '^"([^"\\]+)"$')
  if id == nil then return end
  remember(id, answer.maker, answer.model)
  answer.maker = nil
end

local function fail(answer)
  tell(answer, "error", true)
end

-- Takes in what an object tells.
local function learn(answer, values)
  if is_object(values.usage) then use(answer, values.usage, 1) end
  for _, inner in ipairs({values.response or "", values.message or ""}) do
    if is_object(inner) then
      object(inner, 1, function(key, first, last)
        if key == "id" and inner == values.response then
          note_id(answer, sub(inner, first, last))
        elseif key == "usage" and byte(inner, first) == 123 then
          use(answer, inner, first)
        elseif key == "error" and inner == values.response and is_error(sub(inner, first, last)) then
          fail(answer)
        end
      end)
    end
  end
  if values.object == '"response"' then note_id(answer, values.id) end
  if is_error(values.error) or values.type == '"error"' or values.type == '"response.failed"'
      or values.object == '"error"' then
    fail(answer)
  end
  tell(answer, "prompt_tokens", values.prompt_eval_count and count(values.prompt_eval_count))
  tell(answer, "completion_tokens", values.eval_count and count(values.eval_count))
end

-- Where the last usage object opens that is a member `depth` levels within what ends with tail. Quotes within strings are
-- escaped, so '"usage"' before a colon is a key; how deep it is, the brackets behind it tell.
local function last_usage(tail, depth)
  local i = find(tail, '"usage"', 1, true)
  if i == nil then return nil end
  local level, found, levels = 0, {}, {}
  i = i - 1
  while true do
    i = find(tail, '["{}%[%]]', i + 1)
    if i == nil then break end
    local c = byte(tail, i)
    if c == 34 then
      local close = string_end(tail, i)
      if close == nil then return nil end
      if close - i == 6 and sub(tail, i, close) == '"usage"' then
        local _, open = find(tail, '^%s*:%s*{', close + 1)
        if open ~= nil then
          found[#found + 1], levels[#levels + 1] = open, level
        end
      end
      i = close
    else
      level = level + ((c == 123 or c == 91) and 1 or -1)
    end
  end
  for k = #found, 1, -1 do
    if levels[k] - level == depth then return found[k] end
  end
  return nil
end

-- Takes in what is kept of a long object. In events of responses usage is one level down.
local function learn_ends(answer, head, tail, event)
  local values = read(head)
  learn(answer, values)
  local inner = find(event or "", "^response%.") or find(values.type or "", '^"response%.')
  if inner and answer.maker ~= nil then
    local _, open = find(head, '"response"%s*:%s*{')
    if open ~= nil then
      object(head, open, function(key, first, last)
        if key == "id" then note_id(answer, sub(head, first, last)) end
      end)
    end
  end
  local open = last_usage(tail, 1) or (inner and last_usage(tail, 2))
  if open ~= nil then use(answer, tail, open) end
end

-- Takes in a whole JSON answer; where it is JSON by lines, the last of them.
local function learn_body(answer, head, tail)
  local values, whole = read(head)
  if tail == nil and whole then return learn(answer, values) end
  local _, _, last = find(tail or head, "[\r\n]({[^\r\n]*})%s*$")
  local of_last, is_whole = read(last or "")
  if is_whole then return learn(answer, of_last) end
  if tail ~= nil then return learn_ends(answer, head, tail) end
end
