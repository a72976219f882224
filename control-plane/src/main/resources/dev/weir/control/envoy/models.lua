-- GET /v1/models/NAME: one of the route's models, as JSON text by name. Clients write a name's slashes as they are or escaped.
local function unescaped(s)
  return (string.gsub(s, "%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function answer_model(handle, models, epoch)
  local headers = handle:headers()
  local path = string.gsub(headers:get(":path"), "[?#].*$", "")
  local _, last = find(path, "/v1/models/", 1, true)
  local name = last and unescaped(sub(path, last + 1)) or ""
  if models[name] == nil then name = string.gsub(name, "/$", "") end
  if models[name] ~= nil then
    -- with the headers that routes give to all other answers
    handle:respond({
      [":status"] = "200", ["content-type"] = "application/json", ["weir-epoch"] = epoch, ["weir-attempts"] = "0",
      ["x-request-id"] = headers:get("x-request-id"),
    }, models[name])
  else
    handle:streamInfo():dynamicMetadata():set("weir.req", "model", name)
  end
end
