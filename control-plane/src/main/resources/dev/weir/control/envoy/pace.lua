-- Consumer side: what was held by a control plane that is gone does not go all at once, but at half the pace at which this
-- sidecar's requests were picked while it was there. So providers get half of what they can do from what was held, and
-- requests that come later find the other half.
local UNANSWERED = "x-envoy-auth-failure-mode-allowed" -- Envoy's mark of a request whose check failed
local paces = {} -- per pool, in this worker; times in seconds

local function pace_of(pool, now, memory)
  local pace = paces[pool]
  if pace == nil then
    pace = {rate = 0, at = now, since = now, due = 0}
    paces[pool] = pace
  end
  if now > pace.at then pace.rate = pace.rate * math.exp((pace.at - now) / memory) end
  pace.at = now
  return pace
end

-- Picks per second. What began a moment ago may have been a burst into free slots: it counts for two service times.
local function rate_of(pace, now, service, memory)
  local seen = math.max(now - pace.since, 2 * service, 1)
  return math.max(pace.rate / (1 - math.exp(-seen / memory)), 1 / memory)
end

-- Seconds for which a request waits that was asked for at came, 0 for one that nobody held: the control plane was known to be
-- away. The first waits for one or two service times at most: where it is alone there may have been no queue at all.
local function delay(pace, came, now, rate, terms, random)
  pace.away = pace.away or now
  if came > pace.away then return 0 end
  if pace.due <= now then
    pace.due = now + math.min(2 / rate, terms["service"] * (1 + random))
  else
    pace.due = pace.due + 2 / rate
  end
  return pace.due - now > terms["longest"] and terms["longest"] * random or pace.due - now
end

local function keep_pace(handle, pool, terms, random)
  local headers = handle:headers()
  local now = tonumber(handle:timestamp()) / 1000
  local memory = 10 + 2 * terms["service"]
  local pace = pace_of(pool, now, memory)
  if headers:get(UNANSWERED) ~= nil then
    local came = (tonumber(headers:get("weir-came")) or 0) / 1000
    local wait = delay(pace, came, now, rate_of(pace, now, terms["service"], memory), terms, random)
    headers:remove(UNANSWERED)
    headers:replace("x-envoy-fault-delay-request", string.format("%.0f", 1000 * wait))
  elseif headers:get("weir-pick") ~= nil then
    pace.rate, pace.away = pace.rate + 1 / memory, nil
  end
end
