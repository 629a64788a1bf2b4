"""The shop with a clock that tests move, beside the shop as it is served."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from watchword import Auth
from watchword.testing import FakeClock, as_user, config_for_tests

ADA = {"display_name": "Ada L.", "city": "London"}


@pytest.fixture
def shop(load):
    return load("shop")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(shop, clock) -> Iterator[TestClient]:
    """A shop on the memory store, living by the clock of the test."""
    auth = Auth(config_for_tests(), profile=shop.Customer, scopes=shop.ORDERS, default_scopes=["orders"], clock=clock)
    with TestClient(shop.create_app(auth)) as client:
        yield client


@pytest.fixture
def served(shop) -> Iterator[TestClient]:
    """The shop as `uvicorn examples.shop:app` serves it, on a SQLite file."""
    with TestClient(shop.app) as client:
        yield client


def refresh(client, tokens):
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    return client.post("/auth/token", data=form)


def test_the_whole_visit_works_on_sqlite(served, sign_up, log_in, bearer):
    account = sign_up(served, profile=ADA, email="ada@example.com")
    assert account["profile"] == {**ADA, "newsletter": False}
    assert [product["name"] for product in served.get("/products").json()] == ["Lantern", "Compass"]
    headers = bearer(log_in(served))
    placed = served.post("/orders", json={"product": 1, "quantity": 2}, headers=headers)
    assert (placed.status_code, placed.json()["total"]) == (201, 5000)
    assert [placed.json()] == served.get("/orders", headers=headers).json()
    assert served.post("/auth/logout", headers=headers).status_code == 204
    assert served.get("/orders", headers=headers).status_code == 401


def test_people_see_their_own_orders_alone(client, sign_up, log_in, bearer):
    sign_up(client, profile=ADA)
    sign_up(client, "grace", profile={"display_name": "Grace"})
    client.post("/orders", json={"product": 2}, headers=bearer(log_in(client)))
    counts = [len(client.get("/orders", headers=bearer(log_in(client, name))).json()) for name in ("ada", "grace")]
    assert counts == [1, 0]


@pytest.mark.parametrize("profile", [{}, {"display_name": ""}, {"display_name": "Ada", "admin": 1}, None, "Ada"])
def test_signup_holds_the_profile_to_the_model(client, profile):
    form = {"username": "ada", "password": "tall-copper-lantern-42", "profile": profile}
    assert client.post("/auth/signup", json=form).status_code == 422


def test_the_profile_changes_field_by_field(client, sign_up, log_in, bearer):
    sign_up(client, profile=ADA)
    headers = bearer(log_in(client))
    changed = client.patch("/auth/me", json={"profile": {"city": "Paris"}}, headers=headers)
    assert changed.json()["profile"] == {"display_name": "Ada L.", "city": "Paris", "newsletter": False}
    assert client.get("/card", headers=headers).json()["city"] == "Paris"


def test_the_profile_is_in_the_documentation_of_signup(client):
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert {"display_name", "city", "newsletter"} == set(schemas["Customer"]["properties"])


def test_the_shop_hears_of_a_new_customer(client, sign_up, log_in, bearer):
    sign_up(client, profile=ADA)
    assert client.get("/card", headers=bearer(log_in(client))).json()["voucher"] == "WELCOME-10"


def test_a_login_that_asks_for_less_cannot_order(client, sign_up, log_in, bearer):
    sign_up(client, profile=ADA)
    statuses = [
        client.post("/orders", json={"product": 1}, headers=bearer(log_in(client, **form))).status_code
        for form in ({"scope": "admin"}, {})
    ]
    assert statuses == [403, 201]


def test_an_access_token_works_until_it_expires_and_not_a_second_longer(client, clock, sign_up, log_in, bearer):
    sign_up(client, profile=ADA)
    headers = bearer(log_in(client))
    clock.tick(599)
    assert client.get("/orders", headers=headers).status_code == 200
    clock.tick(1)
    assert client.get("/orders", headers=headers).status_code == 401


def test_refreshing_keeps_a_login_alive_until_its_end(client, clock, sign_up, log_in, bearer):
    sign_up(client, profile=ADA)
    tokens = log_in(client)
    for _ in range(8):
        clock.tick(timedelta(days=11))
        tokens = refresh(client, tokens).json()
        assert client.get("/orders", headers=bearer(tokens)).status_code == 200
    clock.tick(timedelta(days=11))
    ended = refresh(client, tokens)
    assert (ended.status_code, ended.json()["error"]) == (400, "invalid_grant")


def test_an_idle_login_ends_after_a_fortnight(client, clock, sign_up, log_in):
    sign_up(client, profile=ADA)
    tokens = log_in(client)
    clock.tick(timedelta(days=14))
    assert refresh(client, tokens).status_code == 400


def test_two_tabs_that_refresh_at_once_get_the_same_token(client, clock, sign_up, log_in):
    sign_up(client, profile=ADA)
    tokens = log_in(client)
    first = refresh(client, tokens).json()
    clock.tick(5)
    assert first["refresh_token"] == refresh(client, tokens).json()["refresh_token"]


def test_a_spent_refresh_token_that_comes_back_later_ends_the_session(client, clock, sign_up, log_in, bearer):
    sign_up(client, profile=ADA)
    stolen = log_in(client)
    owner = refresh(client, stolen).json()
    clock.tick(60)
    assert client.get("/orders", headers=bearer(owner)).status_code == 200
    assert refresh(client, stolen).status_code == 400
    assert client.get("/orders", headers=bearer(owner)).status_code == 401
    assert refresh(client, owner).status_code == 400


def test_changing_the_password_can_end_every_other_session(client, sign_up, log_in, bearer):
    sign_up(client, profile=ADA)
    here, elsewhere = log_in(client), log_in(client)
    change = {
        "current_password": "tall-copper-lantern-42",
        "new_password": "seven-quiet-harbours",
        "end_other_sessions": True,
    }
    assert client.post("/auth/me/password", json=change, headers=bearer(here)).status_code == 204
    assert [client.get("/orders", headers=bearer(each)).status_code for each in (here, elsewhere)] == [200, 401]
    assert client.get("/orders", headers=bearer(log_in(client, password="seven-quiet-harbours"))).status_code == 200


def test_a_session_can_be_seen_and_ended_from_another(client, sign_up, log_in, bearer):
    sign_up(client, profile=ADA)
    here, lost = log_in(client), log_in(client)
    sessions = client.get("/auth/me/sessions", headers=bearer(here)).json()["items"]
    (other,) = [session["id"] for session in sessions if not session["current"]]
    assert client.delete(f"/auth/me/sessions/{other}", headers=bearer(here)).status_code == 204
    assert [client.get("/orders", headers=bearer(each)).status_code for each in (here, lost)] == [200, 401]


def test_the_kit_gives_a_customer_with_a_profile(shop):
    with as_user(shop.app, "ada", profile=ADA):
        card = TestClient(shop.app).get("/card").json()
    assert card == {"name": "Ada L.", "city": "London", "voucher": None}
