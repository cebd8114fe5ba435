-- Save links under the destination's lease and say what that means for the outbox.
-- KEYS 1 lane, 2 links, 3 owed, 4 outbox of the object's class, 5 dead letters
-- ARGV 1 token, 2 object key, 3 what: keep | done | later | dead, 4 revision written (done) or not-before in ms (later),
--      then pairs of object key and link
-- done:  the object leaves the outbox only if the revision that is owed is the one that was written
-- later: the object stays owed and is not due before the given time
-- dead:  the object leaves the outbox and becomes a dead letter
-- Returns 1, or 0 when the lease belongs to somebody else (nothing was written)
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then
  return 0
end
for i = 5, #ARGV, 2 do
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
end
local what, key = ARGV[3], ARGV[2]
if what == 'done' then
  local entry = redis.call('HGET', KEYS[3], key)
  if entry and cjson.decode(entry)[1] <= tonumber(ARGV[4]) then
    redis.call('HDEL', KEYS[3], key)
    redis.call('ZREM', KEYS[4], key)
  end
  redis.call('SREM', KEYS[5], key)
elseif what == 'later' then
  redis.call('ZADD', KEYS[4], 'XX', ARGV[4], key)
elseif what == 'dead' then
  redis.call('HDEL', KEYS[3], key)
  redis.call('ZREM', KEYS[4], key)
  redis.call('SADD', KEYS[5], key)
end
return 1
