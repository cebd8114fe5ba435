-- Take one call out of a rate budget: a moving window, by the server's clock.
-- KEYS 1 times of the calls in the window, oldest first, 2 present while the provider told us to stay away,
--      3 times of those calls among them that were bulk work
-- ARGV 1 calls that are allowed in a window, 2 window in ms, 3 calls that bulk work may make of them ("" for live work)
-- Returns 0 when the call may be made, else the ms to wait
local away = redis.call('PTTL', KEYS[2])
if away > 0 then
  return away
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local window = tonumber(ARGV[2])

local function wait_for_room(times, most)
  local first = redis.call('LINDEX', times, 0)
  while first and (tonumber(first) <= now - window or tonumber(first) > now) do -- later than now: the clock was set back
    redis.call('LPOP', times)
    first = redis.call('LINDEX', times, 0)
  end
  if redis.call('LLEN', times) < most then
    return 0
  end
  return math.max(1, math.ceil(tonumber(first) + window - now))
end

local function count(times)
  redis.call('RPUSH', times, string.format('%.0f', now))
  redis.call('PEXPIRE', times, math.ceil(window))
end

local wait = wait_for_room(KEYS[1], tonumber(ARGV[1]))
if ARGV[3] ~= '' then
  wait = math.max(wait, wait_for_room(KEYS[3], tonumber(ARGV[3])))
end
if wait > 0 then
  return wait
end
count(KEYS[1])
if ARGV[3] ~= '' then
  count(KEYS[3])
end
return 0
