"""The token endpoint's own decisions: the client, the grant (ATTACKS T02, T03, T10)."""

import pytest
from tests.flows.world import PASSWORD

from watchword.core.errors import InvalidClient, InvalidRequest, UnauthorizedClient, UnsupportedGrantType
from watchword.core.models.grants import Client
from watchword.flows.exchange import TokenRequest
from watchword.flows.token import GRANTS, issue_token

LOGIN = {"username": "ada", "password": PASSWORD}


@pytest.fixture
async def issue(world):
    await world.sign_up()

    async def issue(form, basic=None):
        return await issue_token(world.ctx, TokenRequest(form={**LOGIN, **form}, basic=basic))

    return issue


@pytest.mark.parametrize("form", [{}, {"grant_type": ""}, {"grant_type": "password"}])
async def test_username_and_password_imply_the_password_grant(issue, form):
    assert (await issue(form)).scope == "read write"


@pytest.mark.parametrize("grant", ["PASSWORD", "password ", "authorization_code", "\0", "\ud800"])
async def test_an_unknown_grant_is_unsupported(issue, grant):
    with pytest.raises(UnsupportedGrantType):
        await issue({"grant_type": grant})


@pytest.mark.parametrize("form", [{}, {"username": "ada"}, {"password": PASSWORD}, {"refresh_token": "x"}])
async def test_a_missing_grant_type_is_an_invalid_request(world, form):
    with pytest.raises(InvalidRequest):
        await issue_token(world.ctx, TokenRequest(form=form))


@pytest.mark.parametrize("missing", ["username", "password"])
async def test_the_password_grant_needs_both_fields(world, missing):
    form = {name: value for name, value in LOGIN.items() if name != missing}
    with pytest.raises(InvalidRequest):
        await issue_token(world.ctx, TokenRequest(form={"grant_type": "password", **form}))


@pytest.mark.parametrize(
    ("form", "basic"),
    [
        ({"client_id": "first-party"}, None),
        ({"client_id": ""}, None),
        ({"client_id": "", "client_secret": ""}, ("", "")),
        ({}, ("", "")),
        ({}, ("first-party", "")),
        ({"client_id": "first-party"}, ("first-party", "")),
    ],
)
async def test_no_client_an_empty_one_and_the_first_party_one_are_the_same(issue, form, basic):
    assert (await issue(form, basic)).scope == "read write"


@pytest.mark.parametrize(
    ("form", "basic", "error"),
    [
        ({"client_id": "other"}, None, InvalidClient),
        ({"client_id": "\ud800"}, None, InvalidClient),
        ({}, ("other", ""), InvalidClient),
        ({"client_id": "first-party", "client_secret": "x"}, None, InvalidClient),
        ({"client_secret": "x"}, None, InvalidClient),
        ({}, ("first-party", "x"), InvalidClient),
        ({}, ("", "x"), InvalidClient),
        ({"client_secret": "x"}, ("first-party", "x"), InvalidRequest),
        ({"client_id": "first-party"}, ("other", ""), InvalidRequest),
    ],
)
async def test_any_other_client_or_a_secret_is_refused(issue, form, basic, error):
    with pytest.raises(error):
        await issue(form, basic)


@pytest.mark.parametrize("grant", GRANTS)
async def test_a_grant_that_the_client_may_not_use_is_unauthorized(world, grant):
    object.__setattr__(world.ctx, "client", Client(id="first-party", grants=frozenset()))
    with pytest.raises(UnauthorizedClient):
        await issue_token(world.ctx, TokenRequest(form={"grant_type": grant}))


async def test_the_clients_scopes_bound_the_grant(world, issue):
    client = Client(id="first-party", grants=frozenset(GRANTS), scopes=frozenset({"read"}))
    object.__setattr__(world.ctx, "client", client)
    assert (await issue({"scope": "read write"})).scope == "read"


async def test_secrets_show_in_no_repr(world):
    await world.sign_up()
    answer = await world.login()
    request = TokenRequest(form=LOGIN, basic=("id", "obviously fake secret"))
    for secret in (answer.access_token, answer.refresh_token, PASSWORD, "obviously fake secret"):
        assert secret not in repr((answer, request))
