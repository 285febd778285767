-- The twin of fannkuch.mit.
local function fannkuch(n)
  local p, q, count = {}, {}, {}
  for i = 0, n - 1 do p[i] = i; q[i] = 0; count[i] = 0 end
  local most, sum, r, sign = 0, 0, n, 1
  while true do
    while r ~= 1 do count[r - 1] = r; r = r - 1 end
    for i = 0, n - 1 do q[i] = p[i] end
    local flips, f = 0, q[0]
    while f ~= 0 do
      local i, j = 0, f
      while i < j do q[i], q[j] = q[j], q[i]; i = i + 1; j = j - 1 end
      flips = flips + 1
      f = q[0]
    end
    if flips > most then most = flips end
    sum = sum + sign * flips
    while true do
      if r == n then return sum, most end
      local first = p[0]
      for i = 0, r - 1 do p[i] = p[i + 1] end
      p[r] = first
      count[r] = count[r] - 1
      if count[r] > 0 then break end
      r = r + 1
    end
    sign = -sign
  end
end
print(string.format("%d %d", fannkuch(9)))
