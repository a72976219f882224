-- Reads multipart/form-data strictly: what two parsers could read in two ways is refused.

local MOST_PARTS, LONGEST_HEAD = 1000, 8192 -- parts of a form; bytes of a part's headers

-- The boundary that a content type names; nil where it has none that is a boundary.
local function boundary_of(content_type)
  local found
  for name, value in gmatch(content_type .. ";", ';%s*([%w_-]+)%s*=%s*([^;]*)') do
    if lower(name) == "boundary" then
      if found then return nil end
      found = match(value, '^"([^"\\]+)"%s*$') or match(value, '^([^%s"]+)%s*$')
      if found == nil then return nil end
    end
  end
  if found == nil or #found > 70 or find(found, "[^%w'()+_,./:=? -]") or find(found, " $") then return nil end
  return found
end

-- The name of a part, and whether it is a file, by its headers; nil where they are not what every parser reads alike.
local function part_of(headers)
  local disposition, encoded
  for line in gmatch(headers, '(.-)\r\n') do
    local name = match(line, '^([%w-]+):')
    if name == nil or find(line, '[%z\r\n]') then return nil end
    local value = match(line, '^[^:]*:[ \t]*(.*[^ \t])') or ""
    name = lower(name)
    if name == "content-disposition" then
      if disposition then return nil end
      disposition = value
    elseif name == "content-transfer-encoding" then
      value = lower(value)
      encoded = encoded or (value ~= "7bit" and value ~= "8bit" and value ~= "binary")
    end
  end
  local at = disposition and select(2, find(lower(disposition), '^form%-data'))
  if at == nil then return nil end
  local name, file = nil, encoded
  while at < #disposition do
    local _, stop, key, value = find(disposition, '^[ \t]*;[ \t]*([%w*_-]+)[ \t]*=[ \t]*("[^"]*")', at + 1)
    if stop == nil then
      _, stop, key, value = find(disposition, '^[ \t]*;[ \t]*([%w*_-]+)[ \t]*=[ \t]*([^%s;"]+)', at + 1)
    end
    if stop == nil then return nil end
    key = lower(key)
    if key == "name" then
      name = not name and match(value, '^"?([^"\\%%&]*)"?$')
      if not name then return nil end
    elseif key == "name*" then
      return nil
    elseif key == "filename" or key == "filename*" then
      file = true
      -- some clients write a quote of the file's name with a backslash before it
      while sub(value, -2) == '\\"' do
        local _, more = find(disposition, '^[^"]*"', stop + 1)
        if more == nil then return nil end
        value = sub(disposition, stop + 1, more)
        stop = more
      end
    end
    at = stop
  end
  return name, file
end

-- Where the values of the fields in names, a set, stand in the form s: by name {first, last}. Nil and why where it is no
-- form, or where parsers would disagree on what it holds.
local function form_fields(s, boundary, names)
  local found = {}
  local dashes = "--" .. boundary
  if sub(s, 1, #dashes) ~= dashes then return nil, "does not begin with the form's boundary" end
  local at, parts = #dashes + 1, 0
  while true do
    if sub(s, at, at + 1) == "--" then break end
    local _, line = find(s, '^[ \t]*\r\n', at)
    if line == nil then return nil, "has a broken boundary" end
    local first, last = find(s, "\r\n\r\n", line - 1, true)
    if first == nil then return nil, "ends inside a part of the form" end
    parts = parts + 1
    if parts > MOST_PARTS then return nil, "has more than " .. MOST_PARTS .. " parts" end
    if first - line > LONGEST_HEAD then return nil, "has a part whose headers are longer than " .. LONGEST_HEAD .. " bytes" end
    local name, file = part_of(sub(s, line + 1, first + 1))
    if name == nil then return nil, "has a part whose headers cannot be read" end
    local stop = find(s, dashes, last + 1, true)
    while stop ~= nil and not find(s, '^[\r\n]', stop - 1) do
      stop = find(s, dashes, stop + 1, true)
    end
    if stop == nil then return nil, "ends inside a part of the form" end
    if stop < last + 3 or sub(s, stop - 2, stop - 1) ~= "\r\n" then return nil, "has a broken boundary" end
    if names[name] then
      if file then return nil, 'has the field "' .. name .. '" as a file' end
      if found[name] then return nil, 'has the field "' .. name .. '" twice' end
      found[name] = {first = last + 1, last = stop - 3}
    end
    at = stop + #dashes
  end
  if find(s, dashes, at + 2, true) then return nil, "goes on behind its last boundary" end
  return found
end
