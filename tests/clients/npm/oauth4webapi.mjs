// oauth4webapi: discovery, registration, code with PKCE as a public client, userinfo, refresh, the error of a wrong verifier.
import * as oauth from "oauth4webapi";
import { finish, read, visit } from "./talk.mjs";

const given = await read();
const issuer = new URL(given.issuer);
const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
const registration = await oauth.dynamicClientRegistrationRequest(as, {
  client_name: "Application of oauth4webapi",
  redirect_uris: [given.redirect_uri],
  grant_types: ["authorization_code", "refresh_token"],
  token_endpoint_auth_method: "none",
});
const client = await oauth.processDynamicClientRegistrationResponse(registration);
const auth = oauth.None();

const authorize = async (nonce) => {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const url = new URL(as.authorization_endpoint);
  url.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: given.redirect_uri,
    response_type: "code",
    scope: "openid email offline_access",
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
  });
  return [oauth.validateAuthResponse(as, client, await visit(url), state), verifier];
};
const redeem = ([parameters, verifier]) =>
  oauth.authorizationCodeGrantRequest(as, client, auth, parameters, given.redirect_uri, verifier);

const nonce = oauth.generateRandomNonce();
const answer = await redeem(await authorize(nonce));
const options = { expectedNonce: nonce, requireIdToken: true };
const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, options);
await oauth.validateApplicationLevelSignature(as, answer);
const { sub } = oauth.getValidatedIdTokenClaims(tokens);
const info = await oauth.userInfoRequest(as, client, tokens.access_token);
const userinfo = await oauth.processUserInfoResponse(as, client, sub, info);
const refresh = await oauth.refreshTokenGrantRequest(as, client, auth, tokens.refresh_token);
const refreshed = await oauth.processRefreshTokenResponse(as, client, refresh);
const [parameters] = await authorize(nonce);
const wrong = await redeem([parameters, oauth.generateRandomCodeVerifier()]);
const refused = await oauth
  .processAuthorizationCodeResponse(as, client, wrong, options)
  .catch((error) => error.error);
finish({ sub, email: userinfo.email, rotated: refreshed.refresh_token !== tokens.refresh_token, refused });
