"""Registrations: what is accepted, with which defaults, and each member that is refused beside one that is not."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey
from tests.core.accounts.any_text import ANY_TEXT, UNHURRIED

from watchword.core.authorize_errors import InvalidClientMetadata, InvalidRedirectUri, UnapprovedSoftwareStatement
from watchword.core.models.client_metadata import ClientMetadata, ConsentPolicy
from watchword.core.models.grants import Client
from watchword.core.oauth.client_rules import RegistrationPolicy, check_registration, check_sector
from watchword.core.oauth.registration_document import registration_document

CB = "https://client.example/cb"
KEY = ECKey.generate_key("P-256")
JWKS = {"keys": [{**KEY.as_dict(private=False), "kid": "k1", "alg": "ES256", "use": "sig"}]}
EVERY_TYPE = RegistrationPolicy(
    response_types=frozenset({"code", "id_token", "id_token token", "code id_token", "code token"})
)


def check(policy=None, **members):
    document = {"redirect_uris": [CB], **members}
    document = {name: value for name, value in document.items() if value is not ...}
    return check_registration(document, policy=policy) if policy else check_registration(document)


def test_the_least_registration_gets_the_defaults_of_the_specifications():
    registration = check()
    assert (registration.name, registration.grants, registration.scopes) == ("", {"authorization_code"}, None)
    assert registration.metadata == ClientMetadata(
        redirect_uris=(CB,), auth_method="client_secret_basic", consent=ConsentPolicy.ALWAYS
    )


FULL = {
    "redirect_uris": [CB, CB + "?a=1"],
    "client_name": "My Client",
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "scope": "openid email",
    "application_type": "web",
    "token_endpoint_auth_method": "private_key_jwt",
    "token_endpoint_auth_signing_alg": "ES256",
    "client_uri": "https://client.example/",
    "logo_uri": "https://client.example/logo.png",
    "policy_uri": "https://client.example/policy",
    "tos_uri": "https://client.example/tos",
    "contacts": ["ve7jtb@example.org"],
    "software_id": "4NRB1-0XZABZI9E6-5SM3R",
    "software_version": "2.0",
    "jwks": JWKS,
    "subject_type": "pairwise",
    "sector_identifier_uri": "https://client.example/sector.json",
    "id_token_signed_response_alg": "ES256",
    "userinfo_signed_response_alg": "RS256",
    "introspection_signed_response_alg": "EdDSA",
    "request_object_signing_alg": "none",
    "default_max_age": 3600,
    "require_auth_time": True,
    "default_acr_values": ["gold"],
    "initiate_login_uri": "https://client.example/login",
    "request_uris": ["https://client.example/r.jwt#qw-_8", "https://client.example/".ljust(512, "r")],
    "post_logout_redirect_uris": ["https://client.example/bye"],
    "backchannel_logout_uri": "https://client.example/back",
    "backchannel_logout_session_required": True,
    "frontchannel_logout_uri": "https://client.example/front?x=1",
    "frontchannel_logout_session_required": True,
}


def client_of(registration):
    return Client(
        id="c1",
        name=registration.name,
        grants=registration.grants,
        scopes=registration.scopes,
        created_at=datetime(2030, 1, 1, tzinfo=UTC),
        metadata=registration.metadata,
    )


def test_a_full_registration_comes_back_as_it_was():
    registration = check_registration({**FULL, "unknown_member": {"x": 1}, "client_name#ja": "x"})
    document = registration_document(client_of(registration))
    issued_at = int(datetime(2030, 1, 1, tzinfo=UTC).timestamp())
    assert document == {**FULL, "scope": "email openid", "client_id": "c1", "client_id_issued_at": issued_at}


def test_a_document_can_be_registered_again():
    first = check_registration(FULL)
    assert check_registration(registration_document(client_of(first))) == first


def test_what_the_operator_decides_is_neither_taken_nor_told():
    asked = {"consent": "never", "require_pkce": False, "origins": ["*"], "access_ttl": 10**6, "resources": []}
    assert check(**asked) == check()
    assert not asked.keys() & registration_document(client_of(check())).keys()


def test_null_counts_as_absent():
    assert check(**dict.fromkeys(FULL.keys() - {"redirect_uris"})) == check()


# redirect URIs


def test_a_registration_without_redirect_uris_is_refused_where_they_are_needed():
    for uris in (..., [], None):
        with pytest.raises(InvalidRedirectUri):
            check(redirect_uris=uris)
    device = "urn:ietf:params:oauth:grant-type:device_code"
    assert check(redirect_uris=..., grant_types=[device]).metadata.response_types == ()


@pytest.mark.parametrize(
    "uris",
    [
        CB,
        [1],
        {"0": CB},
        [CB + "#fragment"],
        ["http://client.example/cb"],
        ["https://*.example/cb"],
        ["javascript:alert(1)"],
        [CB, "/cb"],
        [f"{CB}/{n}" for n in range(51)],
    ],
    ids=lambda uris: str(uris)[:40],
)
def test_a07_unsafe_redirect_uris_are_refused(uris):
    with pytest.raises(InvalidRedirectUri):
        check(redirect_uris=uris)


@pytest.mark.parametrize(
    ("uris", "kind"),
    [
        (["http://localhost:3000/cb"], "native"),
        (["http://127.0.0.1/cb", "com.example.app:/cb"], "native"),
        ([CB, "http://localhost:3000/cb"], "web"),
        ([CB], "web"),
    ],
)
def test_an_application_type_that_is_not_stated_follows_from_the_redirect_uris(uris, kind):
    assert check(redirect_uris=uris).metadata.application_type == kind


def test_an_application_type_that_is_stated_holds():
    assert check(redirect_uris=["http://localhost/cb"], application_type="web").metadata.application_type == "web"
    with pytest.raises(InvalidRedirectUri):
        check(redirect_uris=["com.example.app:/cb"], application_type="web")


# grants and response types


@pytest.mark.parametrize(
    ("members", "grants", "types"),
    [
        ({"grant_types": ["authorization_code", "refresh_token"]}, {"authorization_code", "refresh_token"}, ("code",)),
        ({"response_types": ["code"]}, {"authorization_code"}, ("code",)),
        ({"response_types": ["token id_token"]}, {"implicit"}, ("id_token token",)),
        ({"response_types": ["id_token code"]}, {"authorization_code", "implicit"}, ("code id_token",)),
    ],
)
def test_grants_and_response_types_follow_from_each_other(members, grants, types):
    registration = check(EVERY_TYPE, **members)
    assert (registration.grants, registration.metadata.response_types) == (grants, types)


@pytest.mark.parametrize(
    "members",
    [
        {"grant_types": ["password"]},
        {"grant_types": ["client_credentials"]},
        {"grant_types": ["implicit"]},
        {"grant_types": ["refresh_token"], "response_types": ["code"]},
        {"grant_types": ["authorization_code"], "response_types": ["id_token"]},
        {"response_types": ["token"]},
        {"response_types": ["code id_token"]},
        {"response_types": ["foo"]},
        {"response_types": "code"},
        {"grant_types": [1]},
    ],
)
def test_what_is_off_or_contradicts_itself_is_refused(members):
    with pytest.raises(InvalidClientMetadata):
        check(**members)


def test_a_machine_needs_a_secret():
    policy = RegistrationPolicy(grants=frozenset({"client_credentials"}))
    asked = {"grant_types": ["client_credentials"], "redirect_uris": ...}
    assert check(policy, **asked).grants == {"client_credentials"}
    with pytest.raises(InvalidClientMetadata):
        check(policy, **asked, token_endpoint_auth_method="none")


# scopes


def test_scopes_that_may_not_be_registered_are_left_out():
    policy = RegistrationPolicy(scopes=frozenset({"openid", "email"}))
    assert check(policy, scope="openid admin").scopes == {"openid"}
    assert check(policy).scopes == {"openid", "email"}


# every other member


REFUSED = {
    "client_name": [1, "", "x" * 129, "a\x00b", "a\u202eb", "a\nb", ["x"]],
    "scope": [1, 'a"b', ["openid"]],
    "token_endpoint_auth_method": ["tls_client_auth", "", 1, "private_key_jwt"],
    "token_endpoint_auth_signing_alg": ["ES256", "none", 1],
    "logo_uri": ["javascript:alert(1)", "data:image/png,x", "http://client.example/x", "/x", 1, "https://u@c.example"],
    "policy_uri": ["javascript:alert(1)", "http://client.example/x"],
    "tos_uri": ["ftp://client.example/x", []],
    "client_uri": ["//client.example", "https://client.example/\u202e"],
    "contacts": ["x", [1], [""], ["x"] * 51, {"a": 1}],
    "software_id": [1, "x" * 256],
    "jwks_uri": ["http://client.example/jwks", "http://localhost/jwks", "https:///x"],
    "jwks": [
        "x",
        [],
        {},
        {"keys": []},
        {"keys": [OctKey.generate_key(256).as_dict()]},
        {"keys": [KEY.as_dict(private=True)]},
    ],
    "subject_type": ["private", 1],
    "sector_identifier_uri": ["http://client.example/s.json"],
    "id_token_signed_response_alg": ["none", "HS256", "ES512", 1],
    "userinfo_signed_response_alg": ["none", "HS256"],
    "introspection_signed_response_alg": ["none"],
    "request_object_signing_alg": ["HS256", "RS1"],
    "id_token_encrypted_response_alg": ["RSA-OAEP"],
    "require_signed_request_object": [True],
    "dpop_bound_access_tokens": [True],
    "default_max_age": [-1, "60", 1.5, True, 10**10],
    "require_auth_time": ["true", 1],
    "default_acr_values": ["gold", [1]],
    "initiate_login_uri": ["http://client.example/login", "http://localhost/login"],
    "request_uris": [
        *(["http://client.example/r"], ["https://client.example/r#a b"], "https://client.example/r", [1]),
        ["https://client.example/".ljust(513, "r")],
    ],
    "post_logout_redirect_uris": [["http://client.example/bye"], ["https://client.example/#x"], "https://c.example/"],
    "backchannel_logout_uri": ["http://client.example/back", "https://client.example/back#x"],
    "backchannel_logout_session_required": ["true"],
    "frontchannel_logout_uri": ["https://other.example/front", "https://client.example:8443/front"],
    "application_type": ["mobile", 1],
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param(name, value, id=f"{name}-{n}")
        for name, values in REFUSED.items()
        for n, value in enumerate(values)
        if value is not None
    ],
)
def test_a_member_that_is_not_acceptable_is_refused(name, value):
    with pytest.raises(InvalidClientMetadata):
        check(**{name: value})


def test_keys_are_in_one_place_and_there_where_they_are_needed():
    uri = "https://client.example/jwks"
    assert check(jwks_uri=uri, token_endpoint_auth_method="private_key_jwt").metadata.jwks_uri == uri
    with pytest.raises(InvalidClientMetadata):
        check(jwks=JWKS, jwks_uri=uri)


def test_a_software_statement_is_not_approved():
    with pytest.raises(UnapprovedSoftwareStatement):
        check(software_statement="a.b.c")


def test_pairwise_subjects_over_several_hosts_need_a_sector():
    hosts = {"redirect_uris": [CB, "https://other.example/cb"], "subject_type": "pairwise"}
    assert check(**hosts, sector_identifier_uri="https://s.example/").metadata.subject_type == "pairwise"
    assert check(subject_type="pairwise").metadata.subject_type == "pairwise"
    with pytest.raises(InvalidClientMetadata):
        check(**hosts)


def test_the_sector_document_lists_every_redirect_uri():
    metadata = replace(check().metadata, redirect_uris=(CB, CB + "2"))
    assert check_sector([CB, CB + "2", "https://other.example"], metadata) is None
    for document in ([], [CB], {"redirect_uris": [CB, CB + "2"]}, None, CB + CB + "2", [CB + "/", CB + "2"]):
        with pytest.raises(InvalidClientMetadata):
            check_sector(document, metadata)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT, lambda part: st.lists(part) | st.dictionaries(ANY_TEXT, part)
)


@given(st.dictionaries(st.sampled_from([*FULL, "software_statement"]), JSON))
@settings(UNHURRIED, max_examples=40)
def test_whatever_is_registered_is_accepted_or_refused(document):
    try:
        registration = check_registration(document)
    except (InvalidClientMetadata, InvalidRedirectUri, UnapprovedSoftwareStatement):
        return
    assert registration.metadata.consent is ConsentPolicy.ALWAYS
