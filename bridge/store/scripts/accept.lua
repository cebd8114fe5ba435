-- Accept a delivery whose lane is queued, or leased by a worker that looks again after its release: one round trip,
-- no RQ job needed.
-- KEYS 1 queued mark, 2 inbox stream, 3 inbox meta, 4 counters, 5 mark of the sender's delivery id ("" when none),
--      6 lane
-- ARGV 1 seconds to remember the sender's id, 2 received at (ms), 3 number of stream fields,
--      then the fields and values of the entry, then pairs of counter and increment
-- Returns 1 accepted, 0 somebody must wake the lane (nothing was written), -1 duplicate
if redis.call('EXISTS', KEYS[1]) == 0 then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  if tonumber(redis.call('HGET', KEYS[6], 'until') or '0') <= now then
    return 0
  end
end
if KEYS[5] ~= '' then
  if not redis.call('SET', KEYS[5], '1', 'NX', 'EX', ARGV[1]) then
    return -1
  end
end
local fields = {}
local last = 3 + tonumber(ARGV[3])
for i = 4, last do
  fields[#fields + 1] = ARGV[i]
end
redis.call('XADD', KEYS[2], '*', unpack(fields))
redis.call('HSET', KEYS[3], 'last_at', ARGV[2])
for i = last + 1, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[4], ARGV[i], ARGV[i + 1])
end
return 1
