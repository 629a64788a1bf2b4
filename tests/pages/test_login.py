"""Login, sign-up and consent in a browser."""

from tests.pages.walks import log_in


def test_login_and_consent_lead_back_with_a_code(server, application, shop, page):
    page.goto(server.authorize_url(shop))
    log_in(page)
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("heading", name="Back in the shop").wait_for()
    assert application.answer["state"] == "a-state"
    assert application.answer["iss"] == server.url
    assert application.answer["code"].startswith("wwac_")
