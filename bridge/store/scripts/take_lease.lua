-- Take the lease of a lane. The queued mark goes first, so that whoever comes later queues a new wake-up.
-- KEYS 1 lane, 2 queued mark
-- ARGV 1 owner, 2 lease in ms
-- Returns the fencing token, or 0 when somebody else holds the lease
-- The token is the time, or one more than the last: a counter that a fail-over sets back would give a number twice.
-- A lease that ends later than any lease can was given before the clock was set back; its holder is told by the token.
redis.call('DEL', KEYS[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
if held > now and held <= now + tonumber(ARGV[2]) then
  return 0
end
local token = math.max(now, tonumber(redis.call('HGET', KEYS[1], 'token') or '0') + 1)
redis.call('HSET', KEYS[1], 'token', string.format('%.0f', token), 'owner', ARGV[1], 'until',
  string.format('%.0f', now + tonumber(ARGV[2])))
return token
