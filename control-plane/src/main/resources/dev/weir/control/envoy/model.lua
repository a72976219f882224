-- The model's name at a provider, set above as {plain, json}: NAME, nil where it has the agent's, and RENAMED by what the
-- agent may say, where that is another name. Runs once per attempt, on the body as the agent wrote it. The headers are
-- those of the attempt before, so the length is always written anew.
local NAMES = {model = true}

-- The body with the model's name; nil and why where it cannot be had.
local function with_model(s, content_type)
  local media = lower(match(content_type or "", '^%s*([^;%s]*)'))
  local form = media == "multipart/form-data"
  local found, why
  if form then
    local boundary = boundary_of(content_type)
    if boundary == nil then return nil, "has a content type without its boundary" end
    found, why = form_fields(s, boundary, NAMES)
  else
    found, why = fields(s, NAMES)
  end
  if found == nil then return nil, why end
  local own = found.model
  if own == nil then return s end -- the provider goes by something else, such as the path
  local said = sub(s, own.first, own.last)
  local name = NAME or RENAMED[form and said or unescaped(sub(said, 2, -2)) or ""]
  if name == nil then return s end
  return sub(s, 1, own.first - 1) .. (form and name.plain or name.json) .. sub(s, own.last + 1)
end

function envoy_on_request(handle)
  local content_type = handle:headers():get("content-type")
  local body = handle:body()
  if body == nil then return end
  local s = body:getBytes(0, body:length())
  if NAME or next(RENAMED) then
    local changed, why = with_model(s, content_type)
    if changed == nil then
      return refuse(handle, "400", "model_not_renamed", "The request's body " .. why
        .. ", so the model cannot get the name that it has at the provider (expected: a JSON object or a form).", "model")
    end
    s = changed
  end
  body:setBytes(s)
end
