-- The twin of sieve.mit.
local function sieve(n)
  local composite, count = {}, 0
  for i = 0, n do composite[i] = false end
  for i = 2, n do
    if not composite[i] then
      count = count + 1
      for j = i + i, n, i do composite[j] = true end
    end
  end
  return count
end
local total = 0
for _ = 1, 5 do total = total + sieve(200000) end
print(string.format("%d", total))
