-- Forget subscribers of a destination that are neither owed to it nor refused by it.
-- KEYS 1 subscribers, 2 owed, 3 dead letters
-- ARGV 1 what their object keys begin with, then their ids; without ids all of them are looked at
-- Returns how many were forgotten.
local ids = {}
if #ARGV > 1 then
  for i = 2, #ARGV do
    ids[i - 1] = ARGV[i]
  end
else
  ids = redis.call('HKEYS', KEYS[1])
end
local forgotten = 0
for _, id in ipairs(ids) do
  local key = ARGV[1] .. id
  if redis.call('HEXISTS', KEYS[2], key) == 0 and redis.call('SISMEMBER', KEYS[3], key) == 0 then
    forgotten = forgotten + redis.call('HDEL', KEYS[1], id)
  end
end
return forgotten
