-- Towards one provider: takes what the mesh put into a request, so that its stream reports usage, out again where the provider
-- is not to be asked (ASK is false; set above) or refuses to be. Runs once per attempt, on the body as it left the listener.
local REMEMBERED = 600000 -- milliseconds
local TAKES, REFUSES = 1, 2
local verdict, since = nil, 0 -- in this worker
local doubted = false -- the last one that was asked answered 400 or 422, which may have been its agent's fault

local function own(handle, name)
  local all = handle:streamInfo():dynamicMetadata():get("weir.lua")
  return all and all[name]
end

local function note(handle, name, value)
  handle:streamInfo():dynamicMetadata():set("weir.lua", name, value)
end

-- What was learnt of the provider, while it is fresh.
local function learnt(handle)
  if verdict ~= nil and tonumber(handle:timestamp()) - since > REMEMBERED then verdict = nil end
  return verdict
end

-- Headers are those of the attempt before, so once the length has changed it is always written anew.
local function rewrite(handle, asked, ask)
  local body = handle:body()
  if body == nil then return end
  local s = body:getBytes(0, body:length())
  body:setBytes(ask and s or string.sub(s, 1, asked.at - 1) .. asked.over .. string.sub(s, asked.at + asked.length))
end

function envoy_on_request(handle)
  local asked = own(handle, "asked")
  if asked == nil then return end
  local known = learnt(handle)
  local ask = ASK and known ~= REFUSES and not (known == nil and doubted) and not own(handle, "option_refused")
  note(handle, "option_sent", ask)
  if not ask then
    note(handle, "shortened", true)
    rewrite(handle, asked, false)
  elseif own(handle, "shortened") then
    rewrite(handle, asked, true)
  end
end

function envoy_on_response(handle)
  name_refusal(handle)
  if not ASK or own(handle, "asked") == nil then return end
  local sent = own(handle, "option_sent")
  local status = tonumber(handle:headers():get(":status"))
  local refused = status == 400 or status == 422
  if status >= 200 and status < 300 then
    if sent then
      verdict, since, doubted = TAKES, tonumber(handle:timestamp()), false
    elseif learnt(handle) == nil and doubted then
      verdict, since, doubted = REFUSES, tonumber(handle:timestamp()), false
    end
  elseif refused and sent and learnt(handle) ~= TAKES then
    doubted = true
    note(handle, "option_refused", true)
    handle:headers():replace("weir-option-refused", "true") -- the router tries once more
  elseif refused and not sent and learnt(handle) == nil then
    doubted = false -- it was the agent's fault
  end
end
