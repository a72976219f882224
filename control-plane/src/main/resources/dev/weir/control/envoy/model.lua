-- The model's name at a provider: MODEL_JSON and MODEL, as JSON and as plain text, are set above; nil where it has the
-- agent's. Runs once per attempt, on the body as the agent wrote it. The headers are those of the attempt before, so the
-- length is always written anew.
local NAMES = {model = true}

-- The body with the model's name; nil and why where it cannot be had.
local function with_model(s, content_type)
  local media = lower(match(content_type or "", '^%s*([^;%s]*)'))
  local found, why
  local name = MODEL_JSON
  if media == "multipart/form-data" then
    local boundary = boundary_of(content_type)
    if boundary == nil then return nil, "has a content type without its boundary" end
    found, why = form_fields(s, boundary, NAMES)
    name = MODEL
  else
    found, why = fields(s, NAMES)
  end
  if found == nil then return nil, why end
  local own = found.model
  if own == nil then return s end -- the provider goes by something else, such as the path
  return sub(s, 1, own.first - 1) .. name .. sub(s, own.last + 1)
end

function envoy_on_request(handle)
  local content_type = handle:headers():get("content-type")
  local body = handle:body()
  if body == nil then return end
  local s = body:getBytes(0, body:length())
  if MODEL then
    local changed, why = with_model(s, content_type)
    if changed == nil then
      return refuse(handle, "400", "model_not_renamed", "The request's body " .. why
        .. ", so the model cannot get the name that it has at the provider (expected: a JSON object or a form).", "model")
    end
    s = changed
  end
  body:setBytes(s)
end
