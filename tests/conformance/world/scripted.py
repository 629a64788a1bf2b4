"""A browser that follows the steps of a plan configuration, as the conformance suite's does."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import expect

SELECTORS = {"id": "#{}", "name": "[name='{}']", "css": "{}", "xpath": "xpath={}", "class": ".{}"}
SECONDS = 1000


@dataclass
class Scripted:
    """A page of a real browser, and the steps that it follows.

    Attributes:
        pictures: the texts for which a page was taken as a picture.
        done: the steps that were not passed over.
    """

    page: object
    entries: list
    pictures: list = field(default_factory=list)
    done: list = field(default_factory=list)

    def go(self, url, *, wants_picture=False):
        """Go there and follow the steps of the first entry that is for this address."""
        entry = next(entry for entry in self.entries if is_like(entry["match"], url))
        self.page.goto(url)
        for step in entry["tasks"]:
            self.page.wait_for_load_state()
            if not is_like(step.get("match", "*"), self.page.url):
                assert step.get("optional"), f"{step['task']} at {self.page.url}"
                continue
            for command in step["commands"]:
                getattr(self, f"_{command[0]}")(*command[1:], wants_picture=wants_picture)
            self.done.append(step["task"])

    def _text(self, kind, target, text, optional="", **_):
        element = self._first(kind, target)
        if element.count() or not optional:
            assert element.is_editable(), "the suite gives up at a field that is there and takes no text"
            element.fill(text)

    def _click(self, kind, target, optional="", **_):
        element = self._first(kind, target)
        if element.count() or not optional:
            element.click()

    def _first(self, kind, target):
        return self.page.locator(SELECTORS[kind].format(target)).first

    def _wait(self, kind, target, seconds, text="", action="", *, wants_picture):
        wait = seconds * SECONDS
        if kind == "contains":
            self.page.wait_for_url(lambda url: target in url, timeout=wait)
            return
        element = self._first(kind, target)
        if not text:
            element.wait_for(state="attached", timeout=wait)
            return
        expect(element).to_contain_text(re.compile(text), timeout=wait)
        if action and wants_picture:
            self.pictures.append(text)
        assert wants_picture or not action or action.endswith("-optional")


def is_like(pattern, url):
    """Whether an address is like a pattern, in which only `*` has a meaning."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), url, re.DOTALL) is not None
