-- Towards one provider: the path and the query that a request has there. BASE is the path of the provider's URL, nil where agents'
-- paths go on as they are; BESIDE is BASE without a /v1 at its end; QUERY are parameters as they are sent, nil where there are none, and
-- FIXED their names in lower case. They are set above. Runs once per attempt: the headers are those of the attempt before, so the
-- first one notes what the agent asked for.
local UNVERSIONED = set("classify", "pooling", "tokenize", "detokenize") -- servers have them beside /v1, not behind it

-- The path at the provider: what stands for an agent's base URL makes room for BASE. What is known to have no version, or is
-- not known, stands beside it.
local function placed(path)
  local at = find(path .. "/", "/v1/", 1, true)
  if at ~= nil then return BASE .. sub(path, at + 3) end
  local rest = match(path, '^/openai/deployments/[^/]+(/.+)$') or match(path, '^/v1beta/openai(/.+)$')
  if rest ~= nil then return BASE .. rest end
  local operation = operation_of(path)
  if operation == nil then return BESIDE .. path end
  return ((NATIVE[operation] or UNVERSIONED[operation]) and BESIDE or BASE) .. "/" .. operation
end

-- The name of a parameter as servers read it, in lower case.
local function name_of(parameter)
  local name = string.gsub(match(parameter, '^[^=]*'), '%+', ' ')
  return string.lower((string.gsub(name, '%%(%x%x)', function(hex) return string.char(tonumber(hex, 16)) end)))
end

-- The query with QUERY in place of the agent's own parameters of these names.
local function completed(query)
  local parameters = {}
  for parameter in string.gmatch(query, '[^&]+') do
    if not FIXED[name_of(parameter)] then parameters[#parameters + 1] = parameter end
  end
  parameters[#parameters + 1] = QUERY
  return "?" .. table.concat(parameters, "&")
end

local function target_of(asked)
  local path = match(asked, '^[^?]*')
  local query = sub(asked, #path + 1)
  if BASE ~= nil then path = placed(path) end
  return (path == "" and "/" or path) .. (QUERY and completed(sub(query, 2)) or query)
end

function envoy_on_request(handle)
  local noted, headers = handle:streamInfo():dynamicMetadata(), handle:headers()
  local own = noted:get("weir.lua")
  local asked = own and own.target
  if asked == nil then
    asked = headers:get(":path")
    noted:set("weir.lua", "target", asked)
  end
  headers:replace(":path", target_of(asked))
end
