-- Save links under the destination's lease and say what that means for the outbox.
-- KEYS 1 lane, 2 links, 3 owed, 4 dead letters, 5 drift, then the outboxes of all classes in order of urgency
-- ARGV 1 token, 2 object key, 3 what: keep | done | later | dead, 4 revision written (done) or not-before in ms (later),
--      5 class, 6 the wishes that were fulfilled (done), then triples of object key, link and drift ("" for none)
-- done:  the object leaves the outbox only if what is owed is no more than what was written and fulfilled
-- later: the object stays owed and is not due before the given time
-- dead:  the object leaves the outbox and becomes a dead letter
-- Returns 1, or 0 when the lease belongs to somebody else (nothing was written)
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then
  return 0
end
for i = 7, #ARGV, 3 do
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
  if ARGV[i + 2] == '' then
    redis.call('HDEL', KEYS[5], ARGV[i])
  else
    redis.call('HSET', KEYS[5], ARGV[i], ARGV[i + 2])
  end
end
local what, key = ARGV[3], ARGV[2]
local function settle()
  redis.call('HDEL', KEYS[3], key)
  for i = 6, #KEYS do
    redis.call('ZREM', KEYS[i], key)
  end
end
if what == 'done' then
  local entry = redis.call('HGET', KEYS[3], key)
  if entry then
    local owed = cjson.decode(entry)
    if owed[1] <= tonumber(ARGV[4]) and (owed[4] or '') == ARGV[6] then
      settle()
    end
  end
  redis.call('SREM', KEYS[4], key)
elseif what == 'later' then
  redis.call('ZADD', KEYS[6 + tonumber(ARGV[5])], 'XX', ARGV[4], key)
elseif what == 'dead' then
  settle()
  redis.call('SADD', KEYS[4], key)
end
return 1
