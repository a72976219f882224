-- When to come back: what the mesh refuses for a while says about how long. Each is told a time of its own, so that those
-- who were refused together do not come back together; no longer than a minute, which is what OpenAI's clients heed.
local function uniform(handle) -- the id that Envoy gave the request begins with random bits; before routes there is none
  local bits = tonumber(sub(handle:headers():get("x-request-id") or "", 1, 8), 16)
  return bits and bits / 4294967296 or handle:timestamp() * 0.6180339887498949 % 1
end

local function say_when(handle)
  local headers = handle:headers()
  local about = headers:get("x-envoy-weir-retry-about-ms")
  if about == nil then return end
  headers:remove("x-envoy-weir-retry-about-ms")
  local ms = math.ceil(math.min(tonumber(about) or 1000, 48000) * (0.75 + 0.5 * uniform(handle)))
  headers:replace("retry-after-ms", string.format("%d", ms))
  headers:replace("retry-after", string.format("%d", math.ceil(ms / 1000))) -- all that other clients know
end
