-- Of a refusal for a limit, what its body calls it, for the record of the attempt: the router never shows that body to anybody
-- if it tries again. Its headers wait for a body that is short, and come as they are with any other. Who holds back
-- such a body could hold back the headers as well: the same time-outs end both.
local LONGEST = 16384 -- bytes
local LIMITS = {["402"] = true, ["403"] = true, ["413"] = true, ["429"] = true}

local function word_of(s, key)
  local word = string.match(s, '"' .. key .. '"%s*:%s*"([%w_.-]+)"') -- a quote within a string has a backslash before it
  return word and string.sub(word, 1, 64)
end

local function name_refusal(handle)
  local headers = handle:headers()
  if not LIMITS[headers:get(":status")] then return end
  local length = tonumber(headers:get("content-length") or "")
  local encoding = headers:get("content-encoding")
  if length == nil or length > LONGEST or length < 2 or (encoding ~= nil and encoding ~= "identity") then return end
  local body = handle:body()
  if body == nil then return end
  local s = body:getBytes(0, body:length())
  local open = string.find(s, '"error"%s*:%s*{')
  if open == nil then return end
  s = string.sub(s, open + 7)
  local kind, code = word_of(s, "type"), word_of(s, "code") or word_of(s, "status")
  if string.find(s, "[Rr]equest too large") then code = "request_too_large" end
  if kind or code then
    -- what was got before the wait is of no use after it
    handle:headers():replace("weir-refusal", (kind or "") .. "/" .. (code or ""))
  end
end
