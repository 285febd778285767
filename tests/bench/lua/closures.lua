-- The twin of closures.mit.
local function adder(k) return function(x) return x + k end end
local function counter()
  local state = { count = 0 }
  return function() state.count = state.count + 1; return state.count end
end
local function main(n)
  local a, b, c, next, s = adder(1), adder(2), adder(3), counter(), 0
  for _ = 1, n do
    s = c(b(a(s))) % 1000003
    s = s + next() % 2
  end
  print(string.format("%d %d", s, next()))
end
main(3000000)
