-- Set or clear fields of a lane under its lease (state, why, not_before, failures).
-- KEYS 1 lane
-- ARGV 1 token, then pairs of field and value; an empty value deletes the field
-- Returns 1, or 0 when the lease belongs to somebody else
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then
  return 0
end
for i = 2, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[1], ARGV[i])
  else
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
return 1
