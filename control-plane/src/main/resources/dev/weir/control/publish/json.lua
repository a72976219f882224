-- Finds the top-level members of a JSON object in its text, so that one value can be changed and every other byte stays.
local find, sub, byte = string.find, string.sub, string.byte

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

-- Calls visit(key, first, last) for each top-level member, with the ends of its value. Returns where the object opens;
-- nil where s is no object or ends too early.
local function members(s, visit)
  local open = find(s, '%S')
  if open == nil or byte(s, open) ~= 123 then return nil end
  local depth, i, key, first = 1, open, nil, nil
  while true do
    i = find(s, '["{}%[%],]', i + 1)
    if i == nil then return nil end
    local c = byte(s, i)
    if c == 34 then -- a string
      local close = string_end(s, i)
      if close == nil then return nil end
      if depth == 1 and key == nil then
        key = sub(s, i + 1, close - 1)
        local _, colon = find(s, '^%s*:%s*', close + 1)
        if colon == nil then return nil end
        first = colon + 1
        close = colon
      end
      i = close
    elseif c == 123 or c == 91 then -- { [
      depth = depth + 1
    else -- } ] ,
      if depth == 1 and key ~= nil then
        local _, last = find(sub(s, first, i - 1), '^.*%S')
        if last ~= nil then visit(key, first, first + last - 1) end
        key = nil
      end
      if c ~= 44 then depth = depth - 1 end
      if depth == 0 then return open end
    end
  end
end
