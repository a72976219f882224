-- Consumer side: a budget of retries for each pool. Where every provider fails, retries help nobody and double the load of those
-- that are to recover. So a retry that did not help costs one, a call that a provider served gives a tenth back, and a call
-- that begins while less than one is left is not tried again. A retry that helped costs nothing, however many there are, nor
-- does a refusal by a side, which is no failure; nor what the agent did wrong.
local SPARE, BACK = 10, 0.1
local MAX_RETRIES = "x-envoy-max-retries"
local spare = {} -- per pool, in this worker

local function keep_budget(handle, pool)
  local headers = handle:headers()
  -- who looks for the maker of a response asks one after the other
  if (spare[pool] or SPARE) < 1 and headers:get(MAX_RETRIES) == nil then headers:replace(MAX_RETRIES, "0") end
end

function envoy_on_response(handle)
  local headers = handle:headers()
  local attempts = tonumber(headers:get("weir-attempts") or "0")
  local pool = attempts ~= nil and attempts > 0 and handle:metadata():get("pool")
  if not pool then return end -- nobody was called
  local status = tonumber(headers:get(":status")) or 0
  local left = spare[pool] or SPARE
  if status < 400 then
    if left < SPARE then spare[pool] = math.min(SPARE, left + BACK) end
  elseif status >= 500 or status == 429 or status == 408 then
    -- of a pool with sides the first attempt may have been refused by one
    local retries = attempts - (handle:metadata():get("sides") and 2 or 1)
    if retries > 0 then spare[pool] = math.max(0, left - retries) end
  end
end
