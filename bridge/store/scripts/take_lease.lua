-- Take the lease of a lane. The queued mark goes first, so that whoever comes later queues a new wake-up.
-- KEYS 1 lane, 2 queued mark
-- ARGV 1 owner, 2 lease in ms
-- Returns the fencing token, or 0 when somebody else holds the lease
redis.call('DEL', KEYS[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
if held > now then
  return 0
end
local token = redis.call('HINCRBY', KEYS[1], 'token', 1)
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'until', string.format('%.0f', now + tonumber(ARGV[2])))
return token
