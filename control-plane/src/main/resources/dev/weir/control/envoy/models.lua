-- GET /v1/models/NAME: one of the route's models, as JSON text by name, or one whose name begins as a pool says; unnamed is what
-- such a one is without its name. Clients write a name's slashes as they are or escaped.
local LONGEST_MODEL = 1024 -- bytes, as of a model in a request

local function decoded(s)
  return (string.gsub(s, "%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function as_json(name)
  return '"' .. string.gsub(name, '[%z\1-\31"\\\127]', function(c) return string.format("\\u%04x", byte(c)) end) .. '"'
end

local function model_of(route, name)
  local known = route:get("models")[name]
  if known ~= nil then return known end
  if #name > LONGEST_MODEL or not is_utf8(name) then return nil end
  for _, beginning in ipairs(route:get("beginnings")) do
    if sub(name, 1, #beginning) == beginning then
      return '{"id":' .. as_json(name) .. sub(route:get("unnamed"), #'{"id":""' + 1)
    end
  end
end

local function answer_model(handle, route)
  local headers = handle:headers()
  local path = string.gsub(headers:get(":path"), "[?#].*$", "")
  local _, last = find(path, "/v1/models/", 1, true)
  local name = last and decoded(sub(path, last + 1)) or ""
  if route:get("models")[name] == nil then name = string.gsub(name, "/$", "") end
  local model = model_of(route, name)
  if model ~= nil then
    -- with the headers that routes give to all other answers
    handle:respond({
      [":status"] = "200", ["content-type"] = "application/json", ["weir-epoch"] = route:get("epoch"),
      ["weir-attempts"] = "0", ["x-request-id"] = headers:get("x-request-id"),
    }, model)
  else
    handle:streamInfo():dynamicMetadata():set("weir.req", "model", name)
  end
end
