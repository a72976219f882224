-- Counts the words of a request, by which its tokens are estimated where nobody counts them. A word is a run of letters and digits,
-- or of marks, much as tokenizers cut a text before they look anything up; what is not ASCII counts as letters.
local STRETCH, STRETCHES = 4096, 4 -- bytes that are read of a long text, and in how many places
local BLANK, LETTER, MARK = 0, 1, 2
local KINDS = 3
local KIND = {} -- by byte
for c = 0, 255 do
  local is_letter = c >= 128 or find(char(c), '%w') ~= nil
  KIND[c] = c <= 32 and BLANK or is_letter and LETTER or MARK
end
local BEGINS = {} -- by the kind before and the kind: 1 where a word begins
for before = BLANK, MARK do
  for kind = BLANK, MARK do
    BEGINS[before * KINDS + kind] = kind ~= BLANK and kind ~= before and 1 or 0
  end
end

local function words_between(s, first, last)
  local count, before = 0, BLANK
  for i = first, last do -- without a branch, so that it is compiled to one loop
    local kind = KIND[byte(s, i)]
    count = count + BEGINS[before * KINDS + kind]
    before = kind
  end
  return count
end

-- Words of s; of a long one about as many, by what stands in places that are spread over it.
local function count_words(s)
  local n = #s
  if n <= STRETCH * STRETCHES then return words_between(s, 1, n) end
  local count = 0
  for i = 0, STRETCHES - 1 do
    local first = 1 + math.floor(i * (n - STRETCH) / (STRETCHES - 1))
    count = count + words_between(s, first, first + STRETCH - 1)
  end
  return math.floor(count * (n / (STRETCH * STRETCHES)) + 0.5)
end
