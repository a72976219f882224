-- Reads an answer as it passes. Every piece goes on as it comes; an answer is changed only where the mesh asked for usage
-- and the agent did not.

-- What can hold no usage, or not in words.
local function is_other(headers)
  if byte(headers:get(":status") or "", 1) ~= 50 then return true end -- not 2xx
  local encoding = headers:get("content-encoding")
  return encoding ~= nil and lower(encoding) ~= "identity"
end

-- Whether an answer of this type, in lower case, has no words.
local function is_wordless(kind)
  return find(kind, "^audio/") or find(kind, "^image/") or find(kind, "^video/")
end

-- Whether the usage event may be taken out, if this is an event stream: then its length is not what the provider says.
local function may_hide(handle, headers, kind)
  local sized = headers:get("content-length") ~= nil
  if sized and find(kind, "^application/[%w.+-]*json") then return false end
  local own = handle:streamInfo():dynamicMetadata():get("weir.lua")
  if own == nil or own["hide_usage"] ~= true then return false end
  if sized then headers:remove("content-length") end
  return true
end

local function tell_content(answer)
  tell(answer, "pieces", answer.pieces)
  tell(answer, "content_bytes", answer.content)
end

-- Whether enough is new of the content: telling costs more than counting, so of a stream that is cut a thirty-second may be untold.
local function is_due(answer)
  local told = answer.told.pieces
  return answer.pieces ~= nil and (told == nil or answer.pieces > told + told / 32)
end

function envoy_on_response(handle)
  say_when(handle)
  local headers = handle:headers()
  local provider = headers:get("weir-provider")
  if provider == nil then return end -- nobody was called
  local kind = lower(headers:get("content-type") or "")
  if is_other(headers) then return end
  local answer = new_answer(handle)
  if is_wordless(kind) then return tell(answer, "pieces", 0) end
  local hides = may_hide(handle, headers, kind)
  local asked = handle:streamInfo():dynamicMetadata():get("weir.req")
  if asked ~= nil and asked["operation"] == "responses" then
    answer.maker, answer.model = provider, asked["model"] or ""
  end
  local body, events = nil, nil -- what it turns out to be
  local last, left = nil, nil -- the last piece, and what was left of it
  for chunk in handle:bodyChunks() do
    local s = chunk:getBytes(0, chunk:length())
    if body ~= nil then
      append(body, s)
    else
      -- the first bytes tell, whatever the type says; before them there may be a byte-order mark and white space
      local at = events and 1 or find(s, "[^%s\239\187\191]")
      if at ~= nil and events == nil then
        local c = byte(s, at)
        if c == 123 or c == 91 then
          body = new_text()
          append(body, sub(s, at))
        else
          events = new_events(answer, hides)
        end
      end
      if events ~= nil then
        local changed, neither = follow(events, s, at)
        if is_due(answer) then tell_content(answer) end
        if changed ~= nil then chunk:setBytes(changed) end
        if neither then return end
        last, left = chunk, changed
      end
    end
  end
  tell_content(answer)
  if body ~= nil then learn_body(answer, kept(body)) end
  local rest = events and finish(events)
  -- the last piece can still be written to, unless trailers ended the body
  if rest ~= nil then pcall(last.setBytes, last, left .. rest) end
end
