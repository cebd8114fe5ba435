-- Owe one object to a destination; a debt that is there already keeps its age.
-- KEYS 1 owed, 2 outbox of the object's class
-- ARGV 1 object key, 2 revision, 3 now in ms, 4 class
local since = ARGV[3]
local entry = redis.call('HGET', KEYS[1], ARGV[1])
if entry then
  since = string.format('%.0f', cjson.decode(entry)[2])
end
redis.call('HSET', KEYS[1], ARGV[1], '[' .. ARGV[2] .. ',' .. since .. ',' .. ARGV[4] .. ']')
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
