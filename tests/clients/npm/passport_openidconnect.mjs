// passport-openidconnect: its strategy with requests of its own making, as Passport would hand them over.
import Strategy from "passport-openidconnect";
import { finish, read, visit } from "./talk.mjs";

const given = await read();
const strategy = new Strategy(
  {
    issuer: given.issuer,
    authorizationURL: given.authorization_endpoint,
    tokenURL: given.token_endpoint,
    userInfoURL: given.userinfo_endpoint,
    clientID: given.client_id,
    clientSecret: given.secret,
    callbackURL: given.redirect_uri,
    scope: "profile",
    nonce: "asked for",
    skipUserProfile: false,
  },
  (issuer, profile, done) => done(null, { issuer, id: profile.id, username: profile.username }),
);

const session = {};
const authenticate = (query) =>
  new Promise((resolve, reject) => {
    const actor = Object.create(strategy, {
      redirect: { value: resolve },
      success: { value: resolve },
      fail: { value: (challenge) => resolve({ failed: challenge }) },
      error: { value: reject },
    });
    actor.authenticate({ query, session }, {});
  });

const landing = await visit(await authenticate({}));
finish(await authenticate(Object.fromEntries(landing.searchParams)));
