-- Reads the top level of a JSON object in its text, so that one value can be changed and every other byte stays. What it
-- says of a text is what the parsers in wide use say of it, or it says that the text is none.
local find, sub, byte, char, match = string.find, string.sub, string.byte, string.char, string.match
local gmatch, lower, concat = string.gmatch, string.lower, table.concat

local BROKEN = "is not valid JSON"
local DEEPEST = 1000 -- levels; the stacks of common parsers bear no more

-- The first character at or after i that is no white space; nil at the end.
local function solid(s, i)
  local c = byte(s, i)
  if c ~= nil and c > 32 then return i end
  return find(s, '[^ \t\n\r]', i)
end

-- The closing quote of the string that opens at i; nil where there is none.
local function string_end(s, i)
  while true do
    local at = find(s, '"', i + 1, true)
    if at == nil then return nil end
    local b = at - 1
    while byte(s, b) == 92 do b = b - 1 end
    if (at - b) % 2 == 1 then return at end -- an even number of backslashes escape each other
    i = at
  end
end

-- The last character of the value that begins at i; nil and why where it is none.
local function value_end(s, i)
  local c = byte(s, i)
  if c == 34 then return string_end(s, i), BROKEN end
  if c ~= 123 and c ~= 91 then
    local _, last = find(s, '^[%w.+-]+', i)
    return last, BROKEN
  end
  local depth = 1
  while true do
    -- numbers, names and what separates them may stand between strings and brackets, and nothing else
    i = find(s, '[^ \t\n\r,:%w.+-]', i + 1)
    if i == nil then return nil, BROKEN end
    c = byte(s, i)
    if c == 34 then -- "
      i = string_end(s, i)
      if i == nil then return nil, BROKEN end
    elseif c == 123 or c == 91 then -- { [
      depth = depth + 1
      if depth > DEEPEST then return nil, "is nested deeper than " .. DEEPEST .. " levels" end
    elseif c == 125 or c == 93 then -- } ]
      depth = depth - 1
      if depth == 0 then return i end
    else
      return nil, BROKEN
    end
  end
end

-- Calls visit(key, first, last) for each top-level member: the key as it is written, and the ends of its value. Returns where
-- the object opens; nil and why where s is no object.
local function members(s, visit)
  local open = solid(s, 1)
  if open == nil or byte(s, open) ~= 123 then return nil, "is not a JSON object" end
  local i = solid(s, open + 1)
  if i == nil then return nil, BROKEN end
  if byte(s, i) ~= 125 then
    while true do
      if i == nil or byte(s, i) ~= 34 then return nil, BROKEN end
      local close = string_end(s, i)
      if close == nil then return nil, BROKEN end
      local colon = solid(s, close + 1)
      if colon == nil or byte(s, colon) ~= 58 then return nil, BROKEN end
      local first = solid(s, colon + 1)
      if first == nil then return nil, BROKEN end
      local last, why = value_end(s, first)
      if last == nil then return nil, why end
      visit(sub(s, i + 1, close - 1), first, last)
      i = solid(s, last + 1)
      local c = i and byte(s, i)
      if c == 125 then break end
      if c ~= 44 then return nil, BROKEN end
      i = solid(s, i + 1)
    end
  end
  if solid(s, i + 1) ~= nil then return nil, BROKEN end
  return open
end

-- Whether s is UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
local function is_utf8(s)
  local i = find(s, '[\128-\255]')
  while i ~= nil do
    local a, b = byte(s, i, i + 1)
    local more = a >= 240 and 3 or a >= 224 and 2 or 1
    if a < 194 or a > 244 or b == nil then return false end
    if (a == 224 and b < 160) or (a == 237 and b > 159) or (a == 240 and b < 144) or (a == 244 and b > 143) then
      return false
    end
    for j = i + 1, i + more do
      local c = byte(s, j)
      if c == nil or c < 128 or c > 191 then return false end
    end
    i = find(s, '[\128-\255]', i + more + 1)
  end
  return true
end

local function utf8(code)
  if code < 128 then return char(code) end
  if code < 2048 then return char(192 + math.floor(code / 64), 128 + code % 64) end
  local low = char(128 + math.floor(code / 64) % 64, 128 + code % 64)
  if code < 65536 then return char(224 + math.floor(code / 4096)) .. low end
  return char(240 + math.floor(code / 262144), 128 + math.floor(code / 4096) % 64) .. low
end

local ESCAPED = {
  ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
}

-- What a string says: raw is what stands between its quotes. Nil where it is no text: a wrong escape, half of a surrogate
-- pair, a control character, bytes that are not UTF-8.
local function unescaped(raw)
  if find(raw, '[%z\1-\31]') or not is_utf8(raw) then return nil end
  local out, at = {}, 1
  while true do
    local slash = find(raw, "\\", at, true)
    if slash == nil then break end
    out[#out + 1] = sub(raw, at, slash - 1)
    local code = tonumber(match(raw, '^u(%x%x%x%x)', slash + 1) or "", 16)
    if code == nil then
      local one = ESCAPED[sub(raw, slash + 1, slash + 1)]
      if one == nil then return nil end
      out[#out + 1] = one
      at = slash + 2
    else
      at = slash + 6
      if code >= 55296 and code < 56320 then
        local second = tonumber(match(raw, '^\\u(%x%x%x%x)', at) or "", 16)
        if second == nil or second < 56320 or second > 57343 then return nil end
        code = 65536 + (code - 55296) * 1024 + (second - 56320)
        at = at + 6
      elseif code >= 56320 and code < 57344 then
        return nil
      end
      out[#out + 1] = utf8(code)
    end
  end
  out[#out + 1] = sub(raw, at)
  return concat(out)
end

-- As Go's parser compares keys: whatever their letter case, and two letters of Unicode count as s and k.
local function folded(key)
  return lower((key:gsub("\197\191", "s"):gsub("\226\132\170", "k")))
end

-- Where the members stand whose keys are in names, a set: by name {first, last}. Nil and why where s is no object, or where
-- parsers would disagree on what it holds.
local function fields(s, names)
  local found, ambiguous = {}, nil
  local open, why = members(s, function(key, first, last)
    local name = key
    if not names[key] then
      if #key > 100 then return end -- longer than any name, however it is escaped
      if find(key, '[\\\128-\255]') then
        name = unescaped(key)
        if name == nil then
          -- the provider's to decide, unless some parser may read a name out of it
          if not is_utf8(key) then ambiguous = "has a key that is not UTF-8" end
          return
        end
      end
      local same = folded(name)
      if not names[same] then return end
      if same ~= name then
        ambiguous = 'has the key "' .. same .. '" in another letter case'
        return
      end
    end
    if found[name] then ambiguous = 'has the key "' .. name .. '" twice' end
    found[name] = {first = first, last = last}
  end)
  if open == nil then return nil, why, "invalid_json" end
  if ambiguous then return nil, ambiguous, "ambiguous_json" end
  found.open = open
  return found
end
