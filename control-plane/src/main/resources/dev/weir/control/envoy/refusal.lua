-- A refusal in the shape of OpenAI's errors.
local function quoted(text)
  return '"' .. text:gsub('[%z\1-\31"\\\127-\255]', function(c)
    return byte(c) < 128 and string.format("\\u%04x", byte(c)) or "?"
  end) .. '"'
end

local function refuse(handle, status, code, message, param)
  local id = handle:headers():get("x-request-id")
  handle:respond({[":status"] = status, ["content-type"] = "application/json"},
    '{"error":{"message":' .. quoted(message) .. ',"type":"invalid_request_error","param":'
      .. (param and quoted(param) or "null") .. ',"code":' .. quoted(code) .. ',"request_id":' .. quoted(id or "") .. '}}\n')
end
