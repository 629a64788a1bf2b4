"""Every page as it looks: nothing serious for axe, in light and in dark, nothing cut off at 320 pixels, and a picture.

`WATCHWORD_SCREENSHOTS=1` writes the pictures into docs/images/pages.
"""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.pages.live import PASSWORD
from tests.pages.walks import WALKS

PICTURES = Path(__file__).parents[2] / "docs" / "images" / "pages"
SERIOUS = {"serious", "critical"}
NARROW = {"width": 320, "height": 640}
ALSO = {"login-dark", "consent-dark", "login-narrow", "consent-narrow"}
"""What is pictured beside every page in light."""


def take_picture(page, name):
    if os.environ.get("WATCHWORD_SCREENSHOTS") == "1" and (name in WALKS or name in ALSO):
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def find_faults(page):
    results = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]})
    return [
        f"{rule['id']}: {rule['help']}: {[node['html'] for node in rule['nodes']]}"
        for rule in results.response["violations"]
        if rule["impact"] in SERIOUS
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", WALKS)
def test_axe_finds_nothing_serious(server, shop, open_page, name, scheme):
    page = open_page(color_scheme=scheme, viewport={"width": 900, "height": 760}, bypass_csp=True)
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    WALKS[name](server, shop, page)
    take_picture(page, name if scheme == "light" else f"{name}-dark")
    assert find_faults(page) == []
    assert [text for text in complaints if "Failed to load resource" not in text] == []


@pytest.mark.parametrize("name", WALKS)
def test_nothing_is_cut_off_at_320_pixels(server, shop, open_page, name):
    page = open_page(viewport=NARROW)
    WALKS[name](server, shop, page)
    take_picture(page, f"{name}-narrow")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    sizes = page.locator("button, input:not([type=hidden]), a.button").all()
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= NARROW["width"] for box in map(box_of, sizes))


def box_of(part):
    return part.bounding_box()


def test_the_password_is_in_no_page(server, shop, open_page):
    page = open_page()
    WALKS["login-wrong"](server, shop, page)
    assert PASSWORD not in page.content()
