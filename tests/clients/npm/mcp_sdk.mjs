// The TypeScript SDK of the Model Context Protocol: finds the server by the resource, registers, logs in, refreshes.
import { auth } from "@modelcontextprotocol/sdk/client/auth.js";
import { finish, read, visit } from "./talk.mjs";

const given = await read();
const kept = {};
let landing;
const provider = {
  redirectUrl: given.redirect_uri,
  clientMetadata: {
    client_name: "Client of the SDK",
    redirect_uris: [given.redirect_uri],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  },
  state: () => "a-state",
  clientInformation: () => kept.client,
  saveClientInformation: (client) => void (kept.client = client),
  tokens: () => kept.tokens,
  saveTokens: (tokens) => void (kept.tokens = tokens),
  saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
  codeVerifier: () => kept.verifier,
  redirectToAuthorization: async (url) => void (landing = await visit(url)),
};
const serverUrl = given.resource;
const resourceMetadataUrl = new URL(given.resource_metadata);
const first = await auth(provider, { serverUrl, resourceMetadataUrl });
const authorizationCode = landing.searchParams.get("code");
const second = await auth(provider, { serverUrl, resourceMetadataUrl, authorizationCode });
const before = kept.tokens;
const third = await auth(provider, { serverUrl, resourceMetadataUrl });
const headers = { Authorization: `Bearer ${kept.tokens.access_token}` };
const answer = await fetch(given.resource, { headers });
finish({
  results: [first, second, third],
  rotated: kept.tokens.refresh_token !== before.refresh_token,
  claims: await answer.json(),
});
