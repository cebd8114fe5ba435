-- Prolong a lease that is still ours.
-- KEYS 1 lane
-- ARGV 1 token, 2 lease in ms
-- Returns 1, or 0 when the lease belongs to somebody else
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] or redis.call('HEXISTS', KEYS[1], 'until') == 0 then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + tonumber(ARGV[2])))
return 1
