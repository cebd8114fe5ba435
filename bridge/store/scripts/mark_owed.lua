-- Owe one object to a destination; a debt that is there already keeps its age, its class if that is more urgent, its
-- revision if that is newer, and what it is wished to have done.
-- KEYS 1 owed, then the outboxes of all classes in order of urgency
-- ARGV 1 object key, 2 revision, 3 now in ms, 4 class, 5 wishes, separated by blanks ("" for none)
local since, rank, wishes = ARGV[3], tonumber(ARGV[4]), ARGV[5]
local revision = tonumber(ARGV[2])
local entry = redis.call('HGET', KEYS[1], ARGV[1])
if entry then
  local before = cjson.decode(entry)
  since = string.format('%.0f', before[2])
  revision = math.max(revision, before[1])
  if before[3] < rank then
    rank = before[3]
  elseif before[3] > rank then
    redis.call('ZREM', KEYS[2 + before[3]], ARGV[1])
  end
  for wish in string.gmatch(before[4] or '', '%S+') do
    if not string.find(' ' .. wishes .. ' ', ' ' .. wish .. ' ', 1, true) then
      wishes = wishes == '' and wish or wishes .. ' ' .. wish
    end
  end
end
local tail = wishes == '' and '' or ',' .. cjson.encode(wishes)
redis.call('HSET', KEYS[1], ARGV[1], '[' .. string.format('%.0f', revision) .. ',' .. since .. ',' .. string.format('%.0f', rank) .. tail .. ']')
redis.call('ZADD', KEYS[2 + rank], ARGV[3], ARGV[1])
