-- Save links under the destination's lease and say what that means for the outbox.
-- KEYS 1 lane, 2 links, 3 owed, 4 dead letters, 5 drift, 6 objects by remote id, 7 creations without a known outcome,
--      then the outboxes of all classes in order of urgency
-- ARGV 1 token, 2 object key, 3 what: keep | done | later | dead, 4 revision written (done) or not-before in ms (later),
--      5 class, 6 the wishes that were fulfilled (done), then for each link: object key, link, drift ("" for none),
--      kind and remote id ("" for none), "1" when a creation has no known outcome
-- done:  the object leaves the outbox only if what is owed is no more than what was written and fulfilled
-- later: the object stays owed and is not due before the given time
-- dead:  the object leaves the outbox and becomes a dead letter
-- Returns 1, or 0 when the lease belongs to somebody else (nothing was written)
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then
  return 0
end
for i = 7, #ARGV, 5 do
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
  if ARGV[i + 2] == '' then
    redis.call('HDEL', KEYS[5], ARGV[i])
  else
    redis.call('HSET', KEYS[5], ARGV[i], ARGV[i + 2])
  end
  if ARGV[i + 3] ~= '' then
    redis.call('HSET', KEYS[6], ARGV[i + 3], string.match(ARGV[i], ':(.*)$'))
  end
  redis.call(ARGV[i + 4] == '1' and 'SADD' or 'SREM', KEYS[7], ARGV[i])
end
local what, key = ARGV[3], ARGV[2]
local function settle()
  redis.call('HDEL', KEYS[3], key)
  for i = 8, #KEYS do
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
  redis.call('ZADD', KEYS[8 + tonumber(ARGV[5])], 'XX', ARGV[4], key)
elseif what == 'dead' then
  settle()
  redis.call('SADD', KEYS[4], key)
end
return 1
