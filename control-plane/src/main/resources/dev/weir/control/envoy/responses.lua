-- Which provider made which response of the Responses API: a follow-up names a response that its maker alone knows. The newest
-- are remembered, by this worker; a provider that is asked in vain says so itself.
local RESPONSES = 5000 -- of a generation; there are two
local LONGEST_ID = 128 -- bytes
local young, old, remembered = {}, {}, 0

local function remember(id, provider, model)
  if #id > LONGEST_ID then return end
  if young[id] == nil then
    if remembered >= RESPONSES then old, young, remembered = young, {}, 0 end
    remembered = remembered + 1
  end
  young[id] = provider .. " " .. model
end

-- Who made a response, and the model that it was asked for; nil where that is not known.
local function maker_of(id)
  local found = young[id] or old[id]
  if found == nil then return nil end
  local at = find(found, " ", 1, true)
  return sub(found, 1, at - 1), sub(found, at + 1)
end
