"""The pages of a server whose accounts are in PostgreSQL."""

import pytest
from tests.pages.live import PASSWORD, VERIFIER, running_server
from tests.pages.walks import log_in


@pytest.fixture
def postgres_site(postgres_url, tmp_path):
    with running_server(tmp_path, WATCHWORD_DATABASE_URL=postgres_url) as running:
        running.add_person("alice", "--email", "alice@shop.example")
        yield running


def test_login_consent_tokens_and_a_refresh(postgres_site, application, page):
    shop = postgres_site.add_client("Corner Shop", application.redirect_uri)
    page.goto(postgres_site.authorize_url(shop, prompt="consent"))
    log_in(page, password="not the right one")
    assert page.get_by_role("alert").inner_text() == "Wrong username or password."
    log_in(page, password=PASSWORD)
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("heading", name="Back in the shop").wait_for()
    form = {"client_id": shop.id, "redirect_uri": application.redirect_uri, "code_verifier": VERIFIER}
    form |= {"grant_type": "authorization_code", "code": application.answer["code"]}
    answer = page.request.post(f"{postgres_site.url}/auth/token", form=form).json()
    assert "id_token" in answer
    form = {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"], "client_id": shop.id}
    assert "access_token" in page.request.post(f"{postgres_site.url}/auth/token", form=form).json()
    page.goto(postgres_site.authorize_url(shop, prompt="none"))
    assert application.answer["state"] == "a-state"
    assert application.answer["code"]
