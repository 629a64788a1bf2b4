"""The Config plan: the discovery document (OpenID Connect Discovery 1.0 section 3, RFC 8414 section 2)."""

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
