"""Where scopes, roles and permissions are read from."""

from datetime import UTC, datetime

import pytest

from watchword.remote.claims import claim_paths, read_principal

AUDIENCES = ("api",)


def read(claims, **arguments):
    return read_principal({"iss": "https://issuer.test", "sub": "alice", **claims}, claim_paths(AUDIENCES, **arguments))


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({"scope": "a b"}, {"a", "b"}),
        ({"scope": ["a", "b c"]}, {"a", "b", "c"}),
        ({"scp": "a b"}, {"a", "b"}),
        ({"scp": ["a"], "scope": "b"}, {"a", "b"}),
        ({"scope": " a  a "}, {"a"}),
        ({"scope": ""}, set()),
        ({"scope": 7}, set()),
        ({"scope": {"admin": True}}, set()),
        ({"scp": [1, None, ["admin"], "a"]}, {"a"}),
        ({}, set()),
    ],
)
def test_scopes_are_read_from_scope_and_scp(claims, scopes):
    assert read(claims).scopes == scopes


@pytest.mark.parametrize(
    ("claims", "path", "roles"),
    [
        ({"roles": ["a", "b"]}, None, {"a", "b"}),
        ({"roles": "shop keeper"}, None, {"shop keeper"}),
        ({"roles": {"admin": "admin"}}, None, set()),
        ({"realm_access": {"roles": ["a"]}, "cognito:groups": ["b"]}, None, {"a", "b"}),
        ({"realm_access": ["admin"]}, None, set()),
        ({"resource_access": {"api": {"roles": ["a"]}, "other": {"roles": ["admin"]}}}, None, {"a"}),
        ({"https://app.test/roles": ["a"], "roles": ["b"]}, "https://app.test/roles", {"a"}),
        ({"app": {"roles": ["a"]}}, "app.roles", {"a"}),
        ({"app.roles": ["exact"], "app": {"roles": ["nested"]}}, "app.roles", {"exact"}),
        ({"app.roles": ["exact"], "app": {"roles": ["nested"]}}, ("app", "roles"), {"nested"}),
        ({"https://app.test/a": {"b.c": ["a"]}}, ("https://app.test/a", "b.c"), {"a"}),
        ({"roles": ["a"]}, (), set()),
        ({"roles": ["a"]}, "absent.path", set()),
    ],
)
def test_roles_are_read_from_the_usual_claims_or_from_the_one_that_is_named(claims, path, roles):
    assert read(claims, roles_claim=path).roles == roles


def test_permissions_are_read_from_their_claim_or_from_the_one_that_is_named():
    claims = {"permissions": ["read"], "app": {"may": ["write"]}}
    assert read(claims).permissions == {"read"}
    assert read(claims, permissions_claim="app.may").permissions == {"write"}


@pytest.mark.parametrize("name", ["client_id", "azp", "cid", "appid"])
def test_the_client_is_found_under_each_of_its_names(name):
    assert read({name: "shop"}).client_id == "shop"
    assert read({name: 7}).client_id == ""


def test_facts_of_the_authentication_are_read():
    principal = read({"auth_time": 1_900_000_000, "amr": ["pwd", "otp", 7], "acr": "2", "sid": "s", "uti": "t"})
    assert principal.auth_time == datetime.fromtimestamp(1_900_000_000, UTC)
    assert (principal.amr, principal.acr, principal.session_id, principal.token_id) == (("pwd", "otp"), "2", "s", "t")


def test_the_claims_of_a_principal_cannot_be_changed():
    with pytest.raises(TypeError):
        read({"roles": ["a"]}).claims["roles"] = ["admin"]
