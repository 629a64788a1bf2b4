-- Sends prepared requests in turn and checks every answer: its status, and its body exactly or by pattern.
-- Arguments: file of requests (separated by a byte 0), status, "exact" | "pattern" | "rotate", what is expected.
-- "rotate" takes the refresh token out of each answer and spends it in a later request.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  local text = file:read("*a")
  file:close()
  requests = {}
  for one in text:gmatch("[^%z]+") do
    requests[#requests + 1] = one
  end
  status = tonumber(args[2])
  kind = args[3]
  expected = args[4] or ""
  first, last = 1, #requests
  position, answers, mismatches, sample = 0, 0, 0, ""
  if kind == "rotate" then
    request = spend
    template = requests[1]:match("^(.-\r\n\r\n.-refresh_token=)")
    length = #requests[1]
  end
end

function request()
  position = position % #requests + 1
  return requests[position]
end

function spend()
  local one = requests[first]
  if not one then
    return "GET /out-of-refresh-tokens HTTP/1.1\r\nHost: bench\r\n\r\n"
  end
  requests[first] = nil
  first = first + 1
  return one
end

local function renew(body)
  local token = body:match('"refresh_token": ?"([^"]+)"')
  if not token then
    return false
  end
  local form = "grant_type=refresh_token&refresh_token=" .. token
  last = last + 1
  requests[last] = "POST /auth/token HTTP/1.1\r\nHost: bench\r\n"
    .. "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " .. #form .. "\r\n\r\n" .. form
  return true
end

local function is_right(code, body)
  if code ~= status then
    return false
  end
  if kind == "exact" then
    return body == expected
  end
  if kind == "rotate" then
    return renew(body)
  end
  return body:find(expected) ~= nil
end

function response(code, _, body)
  answers = answers + 1
  if not is_right(code, body) then
    mismatches = mismatches + 1
    if sample == "" then
      sample = code .. " " .. body:sub(1, 200):gsub("[%c\\\"]", " ")
    end
  end
end

function done(summary, latency, _)
  local answered, wrong, first_wrong = 0, 0, ""
  for _, thread in ipairs(threads) do
    answered = answered + thread:get("answers")
    wrong = wrong + thread:get("mismatches")
    first_wrong = thread:get("sample")
  end
  local errors = summary.errors
  print(string.format(
    'RESULT {"requests": %d, "answers": %d, "mismatches": %d, "seconds": %.6f, "failed": %d, "p50_ms": %.3f, '
      .. '"p99_ms": %.3f, "sample": "%s"}',
    summary.requests, answered, wrong, summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, first_wrong))
end
