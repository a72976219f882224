-- Consumer side: draws the turn that Envoy picks the provider by.
local GOLDEN = 0.6180339887498949
local turns = {} -- per pool, in this worker: the counter, in [0, 1)

-- 32 random bits of a request: the id that Envoy gave it begins with them.
local function random_bits(headers)
  return tonumber(sub(headers:get("x-request-id") or "", 1, 8), 16) or 0
end

local function product(a, b) -- modulo 2^32
  local low = a % 65536
  return (low * b + ((a - low) / 65536 * b % 65536) * 65536) % 4294967296
end

-- FNV-1a, 32 bits, of s after what gave h.
local function fnv(h, s)
  for i = 1, #s do
    h = product(bit.bxor(h, byte(s, i)) % 4294967296, 16777619)
  end
  return h
end

-- Murmur's last mix: of keys that are almost equal it makes numbers that are not.
local function mixed(h)
  h = product(bit.bxor(h, bit.rshift(h, 16)) % 4294967296, 2246822507)
  h = product(bit.bxor(h, bit.rshift(h, 13)) % 4294967296, 3266489909)
  return bit.bxor(h, bit.rshift(h, 16)) % 4294967296
end

-- Weighted rendezvous hashing: a provider's share of the conversations is its weight, when a weight changes only
-- conversations of those that lost or towards those that won move, and nothing needs to be remembered. Returns the turn
-- that picks the best provider first and the second best on a retry: with R what is left of TOTAL without the first, a
-- retry takes the turn modulo R.
local function conversation_turn(route, conversation)
  local key = fnv(2166136261, conversation)
  local best, second = {score = math.huge}, {score = math.huge}
  local at, providers, weights = 0, route["providers"], route["weights"]
  for i = 1, #providers do
    local weight = weights[i]
    if weight > 0 then
      local entry = {at = at, weight = weight}
      entry.score = -math.log((mixed(fnv(key, providers[i])) + 0.5) / 4294967296) / weight
      if entry.score < best.score then
        best, second = entry, best
      elseif entry.score < second.score then
        second = entry
      end
    end
    at = at + weight
  end
  if second.weight == nil then return best.at end
  local R = TOTAL - best.weight
  local target = second.at > best.at and second.at - best.weight or second.at
  local distance = (target - best.at) % R
  return best.at + distance % best.weight + TOTAL * math.floor(distance / best.weight)
end

-- A counter instead of a coin: steps of the golden ratio spread evenly over [0, 1), however many were made. Envoy takes the
-- number modulo TOTAL for the first pick, and modulo what is left for a retry: the random multiple of TOTAL is for that.
local function next_turn(pool, random)
  local x = (turns[pool] or random / 4294967296) + GOLDEN
  x = x - math.floor(x)
  turns[pool] = x
  return math.floor(x * TOTAL) + TOTAL * random
end

-- The turn that picks the provider of this name.
local function turn_of(route, name)
  local at, providers, weights = 0, route["providers"], route["weights"]
  for i = 1, #providers do
    if providers[i] == name then return at end
    at = at + weights[i]
  end
end

local function draw(handle, route)
  local headers = handle:headers()
  local conversation = route["sticky"] and headers:get(route["sticky"])
  local asked = handle:streamInfo():dynamicMetadata():get("weir.req")
  local turn
  if asked ~= nil and asked["follows"] ~= nil and route["providers"] ~= nil then
    turn = turn_of(route, asked["follows"])
  elseif conversation ~= nil and conversation ~= "" then
    turn = conversation_turn(route, conversation)
  elseif route["smooth"] then
    turn = next_turn(route["pool"], random_bits(headers))
  else
    return -- Envoy draws by chance
  end
  headers:replace("weir-turn", string.format("%.0f", turn))
  handle:clearRouteCache()
end

function envoy_on_request(handle)
  local route = handle:metadata()
  local pool = route:get("pool")
  if pool == nil then -- answered here: no provider is called
    if route:get("models") ~= nil then answer_model(handle, route) end
    return
  end
  local pace = route:get("pace")
  if pace ~= nil then keep_pace(handle, pool, pace, random_bits(handle:headers()) / 4294967296) end
  keep_budget(handle, pool)
  draw(handle, {
    pool = pool, smooth = route:get("smooth"), sticky = route:get("sticky"),
    providers = route:get("providers"), weights = route:get("weights"),
  })
end
