-- Take one call out of a rate budget: a moving window, by the server's clock.
-- KEYS 1 times of the calls in the window, oldest first, 2 present while the provider told us to stay away
-- ARGV 1 calls that are allowed in a window, 2 window in ms
-- Returns 0 when the call may be made, else the ms to wait
local away = redis.call('PTTL', KEYS[2])
if away > 0 then
  return away
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local calls, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local first = redis.call('LINDEX', KEYS[1], 0)
while first and (tonumber(first) <= now - window or tonumber(first) > now) do -- later than now: the clock was set back
  redis.call('LPOP', KEYS[1])
  first = redis.call('LINDEX', KEYS[1], 0)
end
if redis.call('LLEN', KEYS[1]) < calls then
  redis.call('RPUSH', KEYS[1], string.format('%.0f', now))
  redis.call('PEXPIRE', KEYS[1], math.ceil(window))
  return 0
end
return math.max(1, math.ceil(tonumber(first) + window - now))
