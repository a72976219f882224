-- The model's name at a provider: MODEL, JSON text, is set above; nil where it has the agent's. Runs once per attempt, on
-- the body as the agent wrote it. The headers are those of the attempt before, so the length is always written anew.
local function with_model(s)
  local out, at = {}, 1
  local open = members(s, function(key, first, last)
    if key == "model" then
      out[#out + 1] = sub(s, at, first - 1)
      out[#out + 1] = MODEL
      at = last + 1
    end
  end)
  if open == nil then return s end
  out[#out + 1] = sub(s, at)
  return table.concat(out)
end

function envoy_on_request(handle)
  local body = handle:body()
  if body == nil then return end
  local s = body:getBytes(0, body:length())
  body:setBytes(MODEL and with_model(s) or s)
end
