import pytest

from watchword.config import AuthConfig
from watchword.core.models.identity import Scope
from watchword.core.oauth.metadata import (
    authorization_server_metadata,
    authorization_server_metadata_path,
    openid_configuration,
    openid_configuration_paths,
)


def config(issuer="https://id.example", **changes):
    return AuthConfig(issuer=issuer, secrets=(b"x" * 32,), **changes)


def test_the_document_says_exactly_what_works():
    scopes = {"items": Scope(name="items")}
    assert authorization_server_metadata(config(scopes=scopes)) == {
        "issuer": "https://id.example",
        "token_endpoint": "https://id.example/auth/token",
        "jwks_uri": "https://id.example/auth/jwks",
        "revocation_endpoint": "https://id.example/auth/revoke",
        "scopes_supported": ["admin", "items"],
        "response_types_supported": [],
        "introspection_endpoint": "https://id.example/auth/introspect",
        "grant_types_supported": ["client_credentials", "password", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }


def test_the_openid_document_agrees_with_it():
    document = openid_configuration(config())
    assert document == {**authorization_server_metadata(config()), "subject_types_supported": ["public"]}


def test_an_issuer_with_a_path_and_a_slash_gives_clean_endpoints():
    document = authorization_server_metadata(config("https://id.example/team/", prefix="/login"))
    assert document["issuer"] == "https://id.example/team/"
    assert document["token_endpoint"] == "https://id.example/team/login/token"


@pytest.mark.parametrize(
    ("issuer", "oauth", "openid"),
    [
        (
            "https://id.example",
            "/.well-known/oauth-authorization-server",
            ("/.well-known/openid-configuration",),
        ),
        (
            "https://id.example/",
            "/.well-known/oauth-authorization-server",
            ("/.well-known/openid-configuration",),
        ),
        (
            "https://id.example/team",
            "/.well-known/oauth-authorization-server/team",
            ("/team/.well-known/openid-configuration", "/.well-known/openid-configuration/team"),
        ),
    ],
)
def test_documents_stand_where_clients_look(issuer, oauth, openid):
    assert authorization_server_metadata_path(issuer) == oauth
    assert openid_configuration_paths(issuer) == openid
