from dataclasses import replace

import pytest

from watchword.config import AuthConfig
from watchword.core.models.identity import Scope
from watchword.core.oauth.capabilities import PROVIDER
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


URLS = {
    "authorization_endpoint": "https://id.example/auth/authorize",
    "userinfo_endpoint": "https://id.example/auth/userinfo",
    "device_authorization_endpoint": "https://id.example/auth/device_authorization",
    "registration_endpoint": "https://id.example/auth/register",
    "end_session_endpoint": "https://id.example/auth/end_session",
    "check_session_iframe": "https://id.example/auth/check_session",
}
METHODS = ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"]


def test_a_provider_lists_its_endpoints_and_how_it_is_used():
    document = authorization_server_metadata(config(), PROVIDER)
    assert {name: document[name] for name in URLS} == URLS
    assert document["response_types_supported"] == ["code"]
    assert document["response_modes_supported"] == ["query", "form_post"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["authorization_response_iss_parameter_supported"] is True
    assert document["token_endpoint_auth_methods_supported"] == [*METHODS, "none"]
    assert document["introspection_endpoint_auth_methods_supported"] == METHODS
    assert "none" not in document["token_endpoint_auth_signing_alg_values_supported"]
    assert "urn:ietf:params:oauth:grant-type:device_code" in document["grant_types_supported"]
    assert document["scopes_supported"] == ["address", "admin", "email", "offline_access", "openid", "phone", "profile"]


def test_a_provider_has_every_required_member_of_discovery_section_3():
    document = openid_configuration(config(), PROVIDER)
    required = {
        *("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "response_types_supported"),
        *("subject_types_supported", "id_token_signing_alg_values_supported"),
    }
    assert required <= document.keys()
    assert document["subject_types_supported"] == ["public", "pairwise"]
    assert document["acr_values_supported"] == ["urn:watchword:acr:password"]
    assert document["id_token_signing_alg_values_supported"][0] == "RS256"
    assert "none" not in document["id_token_signing_alg_values_supported"]
    assert {"name", "email", "address", "phone_number", "sub", "auth_time"} <= set(document["claims_supported"])
    assert document["require_request_uri_registration"] is True
    assert document["backchannel_logout_session_supported"] is True


@pytest.mark.parametrize("name", URLS)
def test_an_endpoint_that_does_not_work_is_not_listed(name):
    assert name in openid_configuration(config(), PROVIDER)
    assert name not in openid_configuration(config(), replace(PROVIDER, **{name: False}))


def test_a_request_uri_is_supported_only_where_it_says_so():
    document = openid_configuration(config(), replace(PROVIDER, request_uri_parameter=False, request_parameter=False))
    assert document["request_uri_parameter_supported"] is False
    assert "request_object_signing_alg_values_supported" not in document


def test_no_member_is_an_empty_list_or_text():
    document = openid_configuration(config(), PROVIDER)
    assert [name for name, value in document.items() if value in ("", [], {})] == []
    assert all(isinstance(value, str | bool | list) for value in document.values())
