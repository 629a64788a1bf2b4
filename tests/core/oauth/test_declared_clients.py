"""Clients by all their members: what is read is written, and read again is the same."""

from dataclasses import fields, replace

import pytest

from watchword.core.models.client_metadata import ClientMetadata, ConsentPolicy
from watchword.core.models.grants import Client
from watchword.core.oauth.declared_clients import CLIENT_MEMBERS, client_document, client_members, read_client

CB = "https://shop.example/cb"
DOCUMENTS = [
    {"redirect_uris": [CB]},
    {"client_name": "Shop", "redirect_uris": [CB], "scope": ""},
    {"client_name": "Machine", "grant_types": ["client_credentials"], "scope": "a b", "introspect": True},
    {"redirect_uris": [CB], "token_endpoint_auth_method": "none"},
    {"redirect_uris": [CB], "token_endpoint_auth_method": "none", "origins": []},
    {"redirect_uris": [CB], "first_party": True},
    {"redirect_uris": [CB], "first_party": True, "consent": "always", "require_pkce": False},
    {"redirect_uris": ["com.example.shop:/cb"], "application_type": "native", "default_max_age": 0},
    {"redirect_uris": [CB], "resources": [], "serves": ["https://api.example/"], "access_ttl": 0, "refresh_max_ttl": 9},
    {
        "redirect_uris": [CB],
        "response_types": ["code id_token"],
        "grant_types": ["authorization_code", "implicit"],
        "token_endpoint_auth_method": "client_secret_jwt",
        "token_endpoint_auth_signing_alg": "HS256",
    },
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_client_that_is_written_and_read_again_is_the_same(document):
    client = read_client("shop", document).client
    assert read_client("shop", client_document(client)).client == client
    assert read_client("shop", client_members(client)).client == client


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_member_is_written_and_none_that_was_not_declared(document):
    client = replace(read_client("shop", document).client, secret_hashes=(b"not-a-real-hash",), registration_hash=b"no")
    assert set(client_members(client)) == CLIENT_MEMBERS - {"disabled"}
    assert "not-a-real-hash" not in repr(client_members(client))
    assert {name: client_members(client)[name] for name in document if name != "grant_types"} == {
        name: value for name, value in document.items() if name != "grant_types"
    } | ({"token_endpoint_auth_method": None} if document.get("token_endpoint_auth_method") == "none" else {})


def test_the_members_are_the_fields_of_the_metadata_and_six_more():
    assert len(CLIENT_MEMBERS) == len(fields(ClientMetadata)) + 6
    assert {"token_endpoint_auth_method", "token_endpoint_auth_signing_alg", "serves"} < CLIENT_MEMBERS
    assert not {"auth_method", "auth_alg", "secret_hashes", "version"} & CLIENT_MEMBERS


def test_a_secret_that_may_come_either_way_is_written_as_no_method():
    either = Client(id="shop", secret_hashes=(b"x",))
    assert client_members(either)["token_endpoint_auth_method"] is None
    assert client_members(replace(either, secret_hashes=()))["token_endpoint_auth_method"] == "none"


def test_consent_follows_first_party_where_nothing_else_was_said():
    for first_party, usual in ((False, ConsentPolicy.REMEMBER), (True, ConsentPolicy.NEVER)):
        for consent in ConsentPolicy:
            client = Client(id="shop", first_party=first_party, metadata=ClientMetadata(consent=consent))
            assert ("consent" in client_document(client)) == (consent != usual)
