"""Access tokens as well-known issuers write them: what they give, and their forged or misdirected twins."""

from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives import serialization
from tests.remote.issuers import NOW, Issuer, KeyPair, sign_hs256

from watchword.core.errors import InvalidToken

CLIENT_GUID = "11111111-2222-3333-4444-555555555555"
API_GUID = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"


@dataclass
class Shape:
    """How an issuer writes tokens, how its verifier is set up, and what a principal must hold."""

    path: str
    audience: str
    claims: dict
    typ: str | None = "JWT"
    header: dict = field(default_factory=dict)
    options: dict = field(default_factory=dict)
    algorithm: str = "RS256"
    published: dict = field(default_factory=dict)
    client_id: str = ""
    scopes: set = field(default_factory=set)
    roles: set = field(default_factory=set)
    permissions: set = field(default_factory=set)
    session_id: str | None = None
    token_id: str | None = None


SHAPES = {
    "keycloak": Shape(
        path="/realms/demo",
        audience="products-api",
        claims={
            "jti": "onrtac:0c5bd5a4",
            "aud": ["products-api", "account"],
            "sub": "f2c9f3a4-4f3e-4d44-9a3f-0d6f4c1f2b10",
            "typ": "Bearer",
            "azp": "web-shop",
            "sid": "2f1b2c3d",
            "acr": "1",
            "allowed-origins": ["https://shop.test"],
            "realm_access": {"roles": ["default-roles-demo", "editor"]},
            "resource_access": {
                "products-api": {"roles": ["stock-keeper"]},
                "account": {"roles": ["manage-account"]},
                "other-api": {"roles": ["admin"]},
            },
            "scope": "openid profile email",
            "email_verified": True,
            "preferred_username": "alice",
        },
        client_id="web-shop",
        scopes={"openid", "profile", "email"},
        roles={"default-roles-demo", "editor", "stock-keeper"},
        session_id="2f1b2c3d",
        token_id="onrtac:0c5bd5a4",
    ),
    "auth0": Shape(
        path="/",
        audience="https://products.test/api",
        claims={
            "sub": "auth0|507f1f77bcf86cd799439011",
            "aud": ["https://products.test/api", "https://tenant.auth.test/userinfo"],
            "azp": "my_client_id",
            "scope": "openid profile read:products",
            "permissions": ["read:products", "write:products"],
            "https://products.test/roles": ["manager"],
        },
        options={"roles_claim": "https://products.test/roles"},
        client_id="my_client_id",
        scopes={"openid", "profile", "read:products"},
        roles={"manager"},
        permissions={"read:products", "write:products"},
    ),
    "okta": Shape(
        path="/oauth2/default",
        audience="api://default",
        typ=None,
        claims={
            "ver": 1,
            "jti": "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE",
            "aud": "api://default",
            "cid": "0oabv6kx4qq6h1U5l0h7",
            "uid": "00uid4BxXw6I6TV4m0g3",
            "scp": ["openid", "products:read"],
            "auth_time": NOW - 60,
            "sub": "alice@shop.test",
            "groups": ["Everyone", "Staff"],
        },
        options={"roles_claim": "groups"},
        client_id="0oabv6kx4qq6h1U5l0h7",
        scopes={"openid", "products:read"},
        roles={"Everyone", "Staff"},
        token_id="AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE",
    ),
    "cognito": Shape(
        path="/eu-west-1_Example",
        audience="7example23example45",
        typ=None,
        claims={
            "sub": "aaaaaaaa-bbbb-cccc-dddd-example",
            "device_key": "aaaaaaaa-bbbb-cccc-dddd-example",
            "cognito:groups": ["admin", "testers"],
            "token_use": "access",
            "scope": "aws.cognito.signin.user.admin products/read",
            "auth_time": NOW - 60,
            "version": 2,
            "jti": "aaaaaaaa-bbbb-cccc-dddd-example",
            "origin_jti": "bbbb",
            "client_id": "7example23example45",
            "username": "alice",
        },
        options={"audience_claim": "client_id"},
        client_id="7example23example45",
        scopes={"aws.cognito.signin.user.admin", "products/read"},
        roles={"admin", "testers"},
        token_id="aaaaaaaa-bbbb-cccc-dddd-example",
    ),
    "entra": Shape(
        path="/tenant-id/v2.0",
        audience=API_GUID,
        header={"x5t": "fake-thumbprint"},
        published={"alg": None, "x5t": "fake-thumbprint", "x5c": ["ZmFrZQ=="]},
        claims={
            "aud": API_GUID,
            "nbf": NOW,
            "aio": "AXQAi/8TAAAA",
            "azp": CLIENT_GUID,
            "azpacr": "0",
            "name": "Alice",
            "oid": "690222be-ff1a-4d56-abd1-7e4f7d38e474",
            "preferred_username": "alice@shop.test",
            "rh": "I",
            "roles": ["Orders.Approve"],
            "scp": "Orders.Read Orders.Write",
            "sub": "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ",
            "tid": "tenant-id",
            "uti": "fqiBqXLPj0eQa82S-IYFAA",
            "ver": "2.0",
        },
        client_id=CLIENT_GUID,
        scopes={"Orders.Read", "Orders.Write"},
        roles={"Orders.Approve"},
        token_id="fqiBqXLPj0eQa82S-IYFAA",
    ),
    "google": Shape(
        path="",
        audience="1234987819200.apps.test",
        claims={
            "azp": "1234987819200.apps.test",
            "aud": "1234987819200.apps.test",
            "sub": "10769150350006150715113082367",
            "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q",
            "hd": "shop.test",
            "email": "alice@shop.test",
            "email_verified": True,
            "nonce": "0394852-3190485-2490358",
        },
        options={"accept_id_tokens": True},
        client_id="1234987819200.apps.test",
    ),
    "watchword": Shape(
        path="",
        audience="https://api.test",
        typ="at+jwt",
        algorithm="ES256",
        claims={
            "aud": "https://api.test",
            "sub": "01890a5d-ac96-774b-bcce-b302099a8057",
            "jti": "01890a5d-ac96-774b-bcce-b302099a8058",
            "client_id": "first-party",
            "scope": "items:read me",
            "sid": "01890a5d-ac96-774b-bcce-b302099a8059",
            "roles": ["admin"],
            "amr": ["pwd"],
        },
        client_id="first-party",
        scopes={"items:read", "me"},
        roles={"admin"},
        session_id="01890a5d-ac96-774b-bcce-b302099a8059",
        token_id="01890a5d-ac96-774b-bcce-b302099a8058",
    ),
}


@pytest.fixture(scope="module")
def keys():
    return {algorithm: KeyPair("key-1", algorithm) for algorithm in ("RS256", "ES256")}


@pytest.fixture(params=SHAPES)
def shape(request):
    return SHAPES[request.param]


class Desk:
    """An issuer of one shape with its verifier."""

    def __init__(self, shape, site, key, clock):
        self.shape = shape
        self.key = key
        self.issuer = Issuer(site, key, path=shape.path)
        members = {name: value for name, value in key.published(**shape.published).items() if value is not None}
        self.issuer.publish(members)
        self.verifier = self.issuer.verifier(clock, audience=shape.audience, **shape.options)
        self.claims = {"iss": self.issuer.url, "iat": NOW, "exp": NOW + 3600, **shape.claims}
        self.header = {"alg": shape.algorithm, "kid": key.kid, "typ": shape.typ, **shape.header}

    def token(self, *, key=None, header=None, **changes):
        return (key or self.key).sign({**self.claims, **changes}, header={**self.header, **(header or {})})

    async def hint(self, token):
        with pytest.raises(InvalidToken) as refused:
            await self.verifier.authenticate(token)
        return refused.value.hint


@pytest.fixture
def desk(shape, site, keys, clock):
    return Desk(shape, site, keys[shape.algorithm], clock)


async def test_a_token_gives_the_rights_it_names(desk, shape):
    principal = await desk.verifier.authenticate(desk.token())
    assert principal.subject == shape.claims["sub"]
    assert principal.issuer == desk.issuer.url
    assert principal.client_id == shape.client_id
    assert principal.scopes == shape.scopes
    assert principal.roles == shape.roles
    assert principal.permissions == shape.permissions
    assert principal.session_id == shape.session_id
    assert principal.token_id == shape.token_id
    assert principal.claims == desk.claims


async def test_the_twin_for_another_audience_is_refused(desk, shape):
    claim = shape.options.get("audience_claim", "aud")
    for other in ("other-api", ["other-api"], [], shape.audience + "/", ""):
        assert await desk.hint(desk.token(**{claim: other})) == "another audience"
    for malformed in ({shape.audience: 1}, [shape.audience, 7], 7, None):
        assert "aud is neither" in await desk.hint(desk.token(**{claim: malformed}))


async def test_the_twin_of_another_issuer_is_refused(desk):
    for other in ("https://other.test", desk.issuer.url + "x", [desk.issuer.url], None):
        assert await desk.hint(desk.token(iss=other)) == "another issuer"


async def test_the_twin_signed_by_another_key_is_refused(desk, shape):
    assert await desk.hint(desk.token(key=KeyPair("key-1", shape.algorithm))) == "wrong signature"


async def test_the_twin_that_has_expired_is_refused(desk, clock):
    assert await desk.hint(desk.token(exp=NOW)) == "expired"
    assert await desk.verifier.authenticate(desk.token(exp=NOW + 1))


async def test_the_twin_of_another_kind_is_refused(desk):
    for kind in ("logout+jwt", "dpop+jwt", "secevent+jwt", "oauth-authz-req+jwt", "token-introspection+jwt", "JOSE"):
        assert "by its typ" in await desk.hint(desk.token(header={"typ": kind}))


async def test_the_twin_signed_with_the_public_key_as_a_secret_is_refused(desk):
    public = desk.key.key.raw_value
    public = public.public_key() if hasattr(public, "public_key") else public
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    for encoding in (serialization.Encoding.PEM, serialization.Encoding.DER):
        secret = public.public_bytes(encoding, spki)
        for algorithm in ("HS256", "hs256", "RS256"):
            header = {name: text for name, text in desk.header.items() if text} | {"alg": algorithm}
            assert await desk.hint(sign_hs256(header, desk.claims, secret))
