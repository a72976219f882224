-- Follows the lines of an event stream as they pass: what an event tells is taken in, and the event that the mesh itself asked
-- for is taken out. Nothing waits but a data line, and the lines that go on with its JSON, while it may be that event.
local HELD = 65536 -- bytes that may wait
local TRIES = 32 -- readings of one event that is not whole yet

local FIELDS = {"data:", "event:", "id:", "retry:"}

-- What kind of line begins with start: a field, ":", "" where it is empty, "?" for anything else; nil where that is open yet.
local function kind_of(start, ended)
  if start == "" then return "" end
  if byte(start, 1) == 58 then return ":" end
  for i = 1, #FIELDS do
    local field = FIELDS[i]
    if #start >= #field then
      if sub(start, 1, #field) == field then return field end
    elseif not ended and sub(field, 1, #start) == start then
      return nil
    end
  end
  return "?"
end

-- @param hides whether the usage event is to be taken out
local function new_events(answer, hides)
  return {
    answer = answer,
    hides = hides,
    first = true, -- no line has been seen whose kind is known
    start = "", -- of a line, as long as its kind is open
    kind = nil, -- of the line that is passing
    text = nil, -- the event's data, as far as it has come and is not taken in
    joined = false, -- whether that is of several lines
    leaked = false, -- whether some of it has passed
    tries = 0,
    near = "", -- the end of what has come of a line
    opened = false, -- whether the line's JSON has begun
    event = nil, -- what its event: line says
    name = "", -- what has come of that line
    held = nil, -- parts that wait, of earlier pieces
    passed = false, -- whether a line of this event has passed
    hidden = false, -- whether its data has been taken out
    cr = false, -- whether the last piece ended with a carriage return, to which a line feed may belong
    cr_hidden = false, -- whether that line end was taken out
  }
end

-- Whether the value is null or empty, or an object of such values only.
local function is_void(value)
  if value == "null" or value == '""' or find(value, "^%[%s*%]$") then return true end
  if not is_object(value) then return false end
  local void = true
  object(value, 1, function(_, first, last)
    local inner = sub(value, first, last)
    void = void and (inner == "null" or inner == '""' or find(inner, "^[%[{]%s*[%]}]$") ~= nil)
  end)
  return void
end

-- Whether no choice says anything. Of very many choices it is not known.
local function says_nothing(choices)
  if choices == nil or choices == "null" then return true end
  local _, at = find(choices, "^%[%s*")
  if at == nil then return false end
  if find(choices, "^%]", at + 1) then return true end
  for _ = 1, 128 do
    if byte(choices, at + 1) ~= 123 then return false end
    local void = true
    local close = object(choices, at + 1, function(key, first, last)
      void = void and (key == "index" or is_void(sub(choices, first, last)))
    end)
    if close == nil or not void then return false end
    if find(choices, "^%s*%]", close + 1) then return true end
    _, at = find(choices, "^%s*,%s*", close + 1)
    if at == nil then return false end
  end
  return false
end

-- The event that include_usage adds; in doubt it is not. Chunks of completions have no type; what has one is no such chunk.
local function is_usage_event(values)
  return is_object(values.usage) and (values.error == nil or values.error == "null")
    and values.type == nil and values.message == nil and values.response == nil and says_nothing(values.choices)
end

-- Whether an event that is not whole yet shows that it has content.
local function has_content(s)
  return find(s, 'content"%s*:%s*"[^"]') or find(s, '"text"%s*:%s*"[^"]')
end

-- Where dialects have their content: of chat and completions, tools' arguments, thoughts, responses, messages.
local CONTENT = {
  'content"%s*:%s*"[^"]', '"text"%s*:%s*"[^"]', 'arguments"%s*:%s*"[^"]', '"delta"%s*:%s*"[^"]',
  '"reasoning"%s*:%s*"[^"]', '"thinking"%s*:%s*"[^"]', '"partial_json"%s*:%s*"[^"]',
}

-- Where the content of an event begins; nil where it has none. Most events are like the one before.
local function content_at(answer, s)
  if answer.shape ~= nil then
    local _, at = find(s, answer.shape, answer.shape_at)
    if at ~= nil then return at end
  end
  for i = 1, #CONTENT do
    local first, at = find(s, CONTENT[i])
    if at ~= nil then
      answer.shape, answer.shape_at = "^" .. CONTENT[i], first
      return at
    end
  end
end

-- Takes note of an event: pieces of content and their text are counted, which is what was delivered where nobody says what was used.
local function note_content(answer, s)
  if answer.pieces == nil then
    answer.typed = not find(s, '"choices"', 1, true)
    if answer.typed and not find(s, '"type"', 1, true) then return end
    answer.pieces, answer.content = 0, 0
  end
  -- of responses' events those that end a part say all of it again
  local kind = answer.typed and find(s, '"response.', 1, true) and match(s, '"type"%s*:%s*"response%.([%w_.]+)"')
  if kind and not find(kind, "delta$") then return end
  local at = content_at(answer, s)
  if at == nil then return end
  answer.pieces = answer.pieces + 1
  answer.content = answer.content + (string_end(s, at - 1) or #s + 1) - at
end

-- Whether the last thing that has come, of text and s, is the end of an object.
local function closes(text, s)
  local i = text and text.last or 0
  while true do
    local at = #s
    while at > 0 and byte(s, at) <= 32 do at = at - 1 end
    if at > 0 then return byte(s, at) == 125 end
    if i < 1 or text[i] == nil then return false end
    s, i = text[i], i - 1
  end
end

-- One piece of the body on its way: out is what takes its place, nil as long as that is the piece itself; what lies before
-- from is done with, what lies from hold on waits.
local function let_go(st, piece)
  if piece.hold == nil then return end
  if st.held ~= nil then
    piece.out = piece.out or {}
    for i = 1, #st.held do piece.out[#piece.out + 1] = st.held[i] end
    st.held = nil
  end
  piece.hold = nil
  st.passed = true
  st.leaked = st.leaked or st.text ~= nil
end

local function take_out(st, piece, to)
  piece.out = piece.out or {}
  if piece.hold > piece.from then piece.out[#piece.out + 1] = sub(piece.s, piece.from, piece.hold - 1) end
  piece.from = to + 1
  piece.hold = nil
  st.held = nil
end

local function add_data(st, s)
  if st.text == nil then st.text = new_text() end
  append(st.text, s)
end

local function forget_data(st)
  st.text, st.joined, st.leaked, st.tries = nil, false, false, 0
end

-- A data line goes on in the next piece; s is what this one has of it.
local function on_part(st, piece, s)
  add_data(st, s)
  if piece.hold == nil then return end
  if not st.opened then
    local first = find(s, "%S")
    if first == nil then return end
    if byte(s, first) ~= 123 then return let_go(st, piece) end
    st.opened = true
  end
  local near = st.near .. s
  st.near = sub(near, -64)
  if st.text.head ~= nil or st.text.size > HELD or has_content(near) then return let_go(st, piece) end
  if st.tries < TRIES and closes(nil, s) then
    st.tries = st.tries + 1
    local values, whole = read((kept(st.text)))
    if whole and not is_usage_event(values) then let_go(st, piece) end
  end
end

-- A data line ends with s, and at `to` with its line end; own is where it began, if in this piece. Returns whether it was
-- taken out.
local function on_data(st, piece, s, to, own)
  local before, joined = st.text, st.joined
  if before ~= nil then append(before, s) end
  local closed = closes(before, s)
  local tired = joined and st.tries >= TRIES
  if piece.hold ~= nil and (tired or (before and before.size or #s) > HELD) then let_go(st, piece) end
  local head, tail = s, nil
  if before ~= nil and (not joined or (closed and not tired)) then head, tail = kept(before) end
  if not joined and find(head, "^%s*{") == nil then -- such as [DONE]
    let_go(st, piece)
    forget_data(st)
    return false
  end
  if closed and tail ~= nil then
    note_content(st.answer, head)
    learn_ends(st.answer, head, tail, st.event)
    forget_data(st)
    return false
  end
  if closed and not tired then
    local values, whole, leaked = nil, true, st.leaked
    if joined or tells(head) or st.answer.maker ~= nil or (piece.hold ~= nil and not has_content(head)) then
      st.tries = st.tries + 1
      values, whole = read(head)
      if not whole and joined and own ~= nil then
        -- servers that put one line end behind an event, not two: the line is an event by itself
        values, whole = read(s)
        if whole and st.hides then
          let_go(st, piece)
          piece.hold, leaked = own, false
        end
      end
    end
    if whole then
      note_content(st.answer, head)
      if values ~= nil then learn(st.answer, values) end
      local hide = piece.hold ~= nil and not leaked and values ~= nil and is_usage_event(values)
      if hide then take_out(st, piece, to) else let_go(st, piece) end
      forget_data(st)
      return hide
    end
  end
  -- the next line may go on with it
  if before == nil then add_data(st, s) end
  append(st.text, "\n")
  st.joined = true
  st.leaked = st.leaked or piece.hold == nil
  return false
end

-- The event's end: what was not whole by then never will be.
local function on_blank(st)
  if st.text ~= nil then
    local head, tail = kept(st.text)
    if tail ~= nil then learn_ends(st.answer, head, tail, st.event) else learn(st.answer, (read(head))) end
    forget_data(st)
  end
  st.event = nil
end

local function on_event_name(st, s)
  local name = st.name .. sub(s, 1, 64)
  local _, _, word = find(name, "^%s*(.-)%s*$")
  st.event = word
  if word == "error" or word == "response.failed" then fail(st.answer) end
end

-- Follows piece s from `at` on, where no line has begun before. Returns what takes its place, nil where it stays, and
-- whether it is no event stream at all.
local function follow(st, s, at)
  local piece = {s = s, from = 1, hold = st.held and 1 or nil, out = nil}
  local n, lf, cr = #s, 0, 0
  if st.cr then
    st.cr = false
    if byte(s, 1) == 10 then
      at = 2
      if st.cr_hidden then piece.out, piece.from = {}, 2 end
    end
  end
  while at <= n do
    if lf ~= nil and lf < at then lf = find(s, "\n", at, true) end
    if cr ~= nil and cr < at then cr = find(s, "\r", at, true) end
    local stop = lf
    if cr ~= nil and (stop == nil or cr < stop) then stop = cr end
    local last = stop and stop - 1 or n
    local value, own = at, nil
    if st.kind == nil then
      local start = st.start .. sub(s, at, math.min(last, at + 5))
      local kind = kind_of(start, stop ~= nil)
      if kind ~= nil and st.first then
        if kind == "?" then
          let_go(st, piece)
          if piece.out ~= nil then piece.out[#piece.out + 1] = sub(s, piece.from) end
          return piece.out and concat(piece.out), true
        end
        st.first = kind == ""
      end
      st.kind = kind
      if kind == "data:" then
        value = at + 5 - #st.start
        own = st.start == "" and at or nil
        st.opened, st.near = st.text ~= nil, ""
        if st.hides and piece.hold == nil then piece.hold = at end
      elseif kind == nil then
        if st.hides and piece.hold == nil and byte(start, 1) == 100 then piece.hold = at end
      else
        let_go(st, piece)
        if kind == "event:" then value, st.name = at + 6 - #st.start, "" end
      end
      st.start = kind == nil and start or ""
    end
    local to = stop
    if stop ~= nil and byte(s, stop) == 13 then
      if stop == n then st.cr = true elseif byte(s, stop + 1) == 10 then to = stop + 1 end
    end
    if st.kind == "data:" then
      local part = sub(s, value, last)
      if stop == nil then
        on_part(st, piece, part)
      else
        st.cr_hidden = on_data(st, piece, part, to, own)
        st.hidden = st.hidden or st.cr_hidden
        if not st.cr_hidden and piece.hold == nil then st.passed = true end
      end
    elseif stop ~= nil then
      st.cr_hidden = false
      if st.kind == "" then
        on_blank(st)
        if st.hidden and not st.passed then
          piece.hold = at
          take_out(st, piece, to)
          st.cr_hidden = true
        end
        st.hidden, st.passed = false, false
      else
        if st.kind == "event:" then on_event_name(st, sub(s, value, last)) end
        st.passed = true
      end
    elseif st.kind == "event:" and #st.name < 64 then
      st.name = st.name .. sub(s, value, last)
    end
    if stop == nil then break end
    at = to + 1
    st.kind = nil
  end
  if piece.hold ~= nil then
    piece.out = piece.out or {}
    if piece.hold > piece.from then piece.out[#piece.out + 1] = sub(s, piece.from, piece.hold - 1) end
    st.held = st.held or {}
    st.held[#st.held + 1] = sub(s, piece.hold)
  elseif piece.out ~= nil and piece.from <= n then
    piece.out[#piece.out + 1] = sub(s, piece.from)
  end
  return piece.out and concat(piece.out), false
end

-- The end of the stream. Returns what still waits and is no usage event; nil where there is nothing.
local function finish(st)
  local values, whole = nil, false
  if st.text ~= nil then
    local head, tail = kept(st.text)
    if tail ~= nil then
      learn_ends(st.answer, head, tail, st.event)
    else
      values, whole = read(head)
      learn(st.answer, values)
    end
  end
  if st.held == nil or (whole and not st.leaked and is_usage_event(values)) then return nil end
  return concat(st.held)
end
