-- Give a lease back.
-- KEYS 1 lane
-- ARGV 1 token
-- Returns 1, or 0 when the lease belonged to somebody else
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then
  return 0
end
redis.call('HDEL', KEYS[1], 'until', 'owner')
return 1
