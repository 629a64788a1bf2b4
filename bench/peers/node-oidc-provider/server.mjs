/* PEER
{"title": "node-oidc-provider", "environment": "node-oidc-provider", "documented": "oidc-provider, README and docs",
 "loads": ["token_es256", "token_rs256", "introspect", "userinfo"]}
*/
// In-memory adapter; JWT access tokens by resource indicators; client credentials; introspection; userinfo.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const PORT = Number(process.argv[2]);
const ISSUER = `http://127.0.0.1:${PORT}`;
const RESOURCES = { 'https://es256.example': 'ES256', 'https://rs256.example': 'RS256' };
const SECRET = 'bench-secret-that-is-not-a-secret-0123456789';

const key = (type, options, alg) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: alg,
});

const provider = new Provider(ISSUER, {
  clients: [{
    client_id: 'machine',
    client_secret: SECRET,
    grant_types: ['client_credentials', 'authorization_code'],
    redirect_uris: ['https://client.example/callback'],
    token_endpoint_auth_method: 'client_secret_basic',
  }],
  jwks: { keys: [key('rsa', { modulusLength: 2048 }, 'RS256'), key('ec', { namedCurve: 'P-256' }, 'ES256')] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: async () => true },
    userinfo: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: async (_context, indicator) => ({
        scope: 'items:read',
        audience: indicator,
        accessTokenTTL: 600,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: RESOURCES[indicator] } },
      }),
    },
  },
  ttl: { AccessToken: 3600, ClientCredentials: 3600, Grant: 3600, Session: 3600 },
  findAccount: async (_context, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, email: 'ada@example.com', email_verified: true }),
  }),
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
});

// An access token of a person, as the authorization code grant would store it.
async function userAccessToken() {
  const client = await provider.Client.find('machine');
  const grant = new provider.Grant({ clientId: 'machine', accountId: 'ada' });
  grant.addOIDCScope('openid email');
  const grantId = await grant.save();
  const token = new provider.AccessToken({
    accountId: 'ada', client, grantId, scope: 'openid email', gty: 'authorization_code',
  });
  return token.save();
}

const basic = `Basic ${Buffer.from(`machine:${SECRET}`).toString('base64')}`;
const formHeaders = { Authorization: basic, 'Content-Type': 'application/x-www-form-urlencoded' };
const token = (resource) => ({
  requests: [{
    method: 'POST',
    path: '/token',
    headers: formHeaders,
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'items:read', resource }).toString(),
  }],
  check: 'pattern',
  expected: '"access_token":"ey',
});

async function loads() {
  const access = await userAccessToken();
  return {
    token_es256: token('https://es256.example'),
    token_rs256: token('https://rs256.example'),
    introspect: {
      requests: [{ method: 'POST', path: '/token/introspection', headers: formHeaders, body: `token=${access}` }],
      check: 'pattern',
      expected: '"active":true',
    },
    userinfo: {
      requests: [{ method: 'GET', path: '/me', headers: { Authorization: `Bearer ${access}` } }],
      check: 'pattern',
      expected: '"sub":"ada"',
    },
  };
}

const handle = provider.callback();
createServer(async (request, response) => {
  if (request.url === '/bench/ready') return response.end('{}');
  if (request.url === '/bench/loads') return response.end(JSON.stringify(await loads()));
  return handle(request, response);
}).listen(PORT, '127.0.0.1');
