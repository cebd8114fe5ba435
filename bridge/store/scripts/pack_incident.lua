-- Put the packed form of a settled incident, of its copies' links and of its story in place of what was read.
-- What changed since it was read stays as it is: it is settled anew when its incident closes again.
-- KEYS 1 settled incidents, 2 story, then hashes
-- ARGV 1 member of the settled incidents, 2 length of the story that was read, 3 its first entry, 4 the packed story
--      ("" for none), then for each hash field: number of its key, field, value that was read, packed value
redis.call('ZREM', KEYS[1], ARGV[1])
if ARGV[4] ~= '' and redis.call('LLEN', KEYS[2]) == tonumber(ARGV[2])
    and redis.call('LINDEX', KEYS[2], 0) == ARGV[3] then
  redis.call('DEL', KEYS[2])
  redis.call('RPUSH', KEYS[2], ARGV[4])
end
for i = 5, #ARGV, 4 do
  local hash = KEYS[tonumber(ARGV[i])]
  if redis.call('HGET', hash, ARGV[i + 1]) == ARGV[i + 2] then
    redis.call('HSET', hash, ARGV[i + 1], ARGV[i + 3])
  end
end
return 1
