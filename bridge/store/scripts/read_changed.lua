-- The incidents and maintenances that change: those that go on, and those that are over and not packed yet.
-- KEYS 1 incidents, 2 open incidents, 3 what was taken over from pages, 4 what of it goes on, 5 settled
-- Returns two flat lists of field and value: of the first hash, and of the third
local wanted = { {}, {} }
for _, id in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  wanted[1][id] = true
end
for _, key in ipairs(redis.call('SMEMBERS', KEYS[4])) do
  wanted[2][key] = true
end
for _, key in ipairs(redis.call('ZRANGE', KEYS[5], 0, -1)) do
  wanted[1][string.match(key, ':(.*)$')] = true
  wanted[2][key] = true
end
local found = { {}, {} }
for number, hash in ipairs({ KEYS[1], KEYS[3] }) do
  for field in pairs(wanted[number]) do
    local value = redis.call('HGET', hash, field)
    if value then
      table.insert(found[number], field)
      table.insert(found[number], value)
    end
  end
end
return found
