"""The Config plan: the discovery document (OpenID Connect Discovery 1.0 section 3, RFC 8414 section 2)."""

import re
from urllib.parse import urlsplit

REQUIRED = {
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "response_types_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
}
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}


def check_discovery(provider):
    """Check what every plan asks of the document; return it."""
    found = provider.discover()
    assert found.keys() >= REQUIRED
    assert found["issuer"] == provider.issuer
    assert "?" not in found["issuer"]
    assert "#" not in found["issuer"]
    for name, value in found.items():
        assert value not in (None, "", []), name
        if name.endswith(("_endpoint", "_uri", "_iframe")):
            assert urlsplit(value).scheme == "https", name
        if name.endswith(("_supported", "_values")) and isinstance(value, list):
            assert all(isinstance(each, str) for each in value), name
            assert len(set(value)) == len(value), name
    return found


def test_oidcc_discovery_endpoint_verification(provider):
    """The document is complete and valid, every address is https, and the keys are there and public."""
    found = check_discovery(provider)
    assert "code" in found["response_types_supported"]
    assert "openid" in found["scopes_supported"]
    assert "RS256" in found["id_token_signing_alg_values_supported"]
    assert {"public"} <= {*found["subject_types_supported"]} <= {"public", "pairwise"}
    assert {"sub", "iss", "aud", "exp", "iat"} <= {*found["claims_supported"]}
    assert isinstance(found["claims_parameter_supported"], bool)
    assert isinstance(found["request_parameter_supported"], bool)
    assert isinstance(found["request_uri_parameter_supported"], bool)
    keys = provider.jwks()["keys"]
    assert {"RSA"} <= {key["kty"] for key in keys}
    assert len({key["kid"] for key in keys}) == len(keys)
    assert [key["kid"] for key in keys if PRIVATE & key.keys()] == []
    assert {key["use"] for key in keys} == {"sig"}


def test_lists_of_discovery_name_what_certified_clients_rely_on(provider):
    """What is listed is in its registered form, and RS256 and secrets are among it (Discovery section 3, RFC 8414)."""
    found = provider.metadata
    assert {"client_secret_basic", "client_secret_post", "private_key_jwt"} <= {
        *found["token_endpoint_auth_methods_supported"]
    }
    assert "RS256" in found["token_endpoint_auth_signing_alg_values_supported"]
    assert "none" not in found["token_endpoint_auth_signing_alg_values_supported"]
    assert {"RS256", "none"} <= {*found["request_object_signing_alg_values_supported"]}
    assert "RS256" in found["userinfo_signing_alg_values_supported"]
    assert {"authorization_code", "refresh_token"} <= {*found["grant_types_supported"]}
    assert {"query", "form_post"} <= {*found["response_modes_supported"]}
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert all(re.fullmatch(r"[\x21\x23-\x5b\x5d-\x7e]+", scope) for scope in found["scopes_supported"])
    assert all(re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", tag) for tag in found["ui_locales_supported"])


def test_published_keys_say_their_algorithm_and_are_long_enough(provider):
    """Each key says what it is for, in base64url without padding; RSA has 2048 bits at least (RFC 7517, RFC 7518)."""
    sizes = {"n": 2048 // 8, "x": 32, "y": 32}
    for key in provider.jwks()["keys"]:
        assert {"kid", "alg", "use", "kty"} <= key.keys()
        for name in {"n", "e", "x", "y"} & key.keys():
            assert re.fullmatch(r"[A-Za-z0-9_-]+", key[name]), name
            assert len(key[name]) * 6 // 8 >= sizes.get(name, 3), name
