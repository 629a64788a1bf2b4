/* PEER
{"title": "better-auth", "environment": "better-auth", "documented": "Better Auth, installation and basic usage",
 "loads": ["session"]}
*/
// E-mail and password, session cookie, in-memory adapter; what is measured is `get-session`.
import { createServer } from 'node:http';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { toNodeHandler } from 'better-auth/node';

const PORT = Number(process.argv[2]);
const auth = betterAuth({
  baseURL: `http://127.0.0.1:${PORT}`,
  secret: 'bench-secret-that-is-published-with-the-benchmark',
  database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
});

async function loads() {
  const body = { name: 'Ada', email: 'ada@example.com', password: 'bench-password-42' };
  const { headers } = await auth.api.signUpEmail({ body, returnHeaders: true });
  const cookie = headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
  return {
    session: {
      requests: [{ method: 'GET', path: '/api/auth/get-session', headers: { Cookie: cookie } }],
      check: 'pattern',
      expected: 'ada@example.com',
      protected: false, // without a session it answers 200 and null; the pattern tells them apart
    },
  };
}

const handle = toNodeHandler(auth);
createServer(async (request, response) => {
  if (request.url === '/bench/ready') return response.end('{}');
  if (request.url === '/bench/loads') return response.end(JSON.stringify(await loads()));
  return handle(request, response);
}).listen(PORT, '127.0.0.1');
