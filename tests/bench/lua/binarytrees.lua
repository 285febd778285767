-- The twin of binarytrees.mit.
local function make(depth)
  if depth > 0 then return { l = make(depth - 1), r = make(depth - 1) } end
  return { l = false, r = false }
end
local function check(tree)
  if not tree.l then return 1 end
  return 1 + check(tree.l) + check(tree.r)
end
local function main(n)
  local total, longLived, rounds = check(make(n + 1)), make(n), 65536
  for depth = 4, n, 4 do
    for _ = 1, rounds do total = total + check(make(depth)) end
    rounds = math.floor(rounds / 16)
  end
  print(string.format("%d", total + check(longLived)))
end
main(16)
