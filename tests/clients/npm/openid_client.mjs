// openid-client: discovery, code with PKCE, userinfo, refresh, introspection, logout, revocation.
import * as client from "openid-client";
import { finish, read, visit } from "./talk.mjs";

const given = await read();
const secret = client.ClientSecretBasic(given.secret);
const config = await client.discovery(new URL(given.issuer), given.client_id, undefined, secret);
const verifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const nonce = client.randomNonce();
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: given.redirect_uri,
  scope: "openid profile offline_access",
  prompt: "consent",
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
  nonce,
});
const tokens = await client.authorizationCodeGrant(config, await visit(url), {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true,
});
const claims = tokens.claims();
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
const active = await client.tokenIntrospection(config, refreshed.refresh_token);
const after = await visit(
  client.buildEndSessionUrl(config, {
    post_logout_redirect_uri: given.after,
    id_token_hint: tokens.id_token,
    state: "goodbye",
  }),
);
const dead = await client.refreshTokenGrant(config, refreshed.refresh_token).catch((error) => error.error);
await client.tokenRevocation(config, refreshed.refresh_token);
finish({
  sub: claims.sub,
  username: userinfo.preferred_username,
  refreshed: refreshed.access_token !== tokens.access_token,
  active: active.active,
  state: after.searchParams.get("state"),
  dead,
});
