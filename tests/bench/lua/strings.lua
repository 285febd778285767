-- The twin of strings.mit.
local function main(n)
  local counts = {}
  for i = 0, n - 1 do
    local key = "key" .. (i % 1000)
    if counts[key] == nil then counts[key] = 0 end
    counts[key] = counts[key] + 1
  end
  print(counts["key0"] .. " " .. counts["key999"])
end
main(1000000)
