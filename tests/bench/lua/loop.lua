-- The twin of loop.mit, with global variables as there.
i = 0
sum = 0
while i < 20000000 do
  sum = sum + i
  if sum > 1000000000 then sum = sum - 1000000000 end
  i = i + 1
end
print(string.format("%d", sum))
