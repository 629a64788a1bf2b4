"""Links and images lead somewhere, and every page can be reached."""

from urllib.parse import urlsplit

import pytest
from tests.docs.pages import PAGES, ROOT, anchors, page_name, targets

OUTSIDE = {"http", "https"}


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_link_and_image_has_a_target(page):
    broken = []
    for target in targets(page):
        parts = urlsplit(target)
        if parts.scheme:
            assert parts.scheme in OUTSIDE
            continue
        file = (page.parent / parts.path).resolve() if parts.path else page
        missing_anchor = file.suffix == ".md" and parts.fragment and parts.fragment not in anchors(file)
        if not file.exists() or missing_anchor:
            broken.append(target)
    assert broken == []


def test_every_page_can_be_reached_from_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page not in PAGES:
            continue
        reached.add(page)
        paths = (urlsplit(target).path for target in targets(page) if not urlsplit(target).scheme)
        waiting += [(page.parent / path).resolve() for path in paths if path]
    listed = {page for page in PAGES if "decisions" not in page.parts}
    assert sorted(page_name(page) for page in listed - reached) == []


def test_pictures_are_readable_in_light_and_dark_and_say_what_they_show():
    pictures = sorted((ROOT / "docs" / "images").glob("*.svg"))
    assert len(pictures) > 3
    for picture in pictures:
        text = picture.read_text(encoding="utf-8")
        assert "prefers-color-scheme: dark" in text
        assert "<title" in text
        assert "<desc" in text
