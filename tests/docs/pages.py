"""Reads the documentation: its code blocks with their marks, links, images and headings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
PAGES = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "examples/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
)
MARK = re.compile(r"<!-- test: (.+?) -->")
NAMED = re.compile(r"# (\w+\.py)\n")


@dataclass(frozen=True)
class Block:
    """A fenced block. `mark` is what a comment `<!-- test: ... -->` right before it says."""

    page: Path
    number: int
    language: str
    code: str
    mark: str

    @property
    def file(self) -> str:
        """The file to write it to: the one its first line names, or one made of the page and its place in it."""
        named = NAMED.match(self.code)
        if named:
            return named.group(1)
        slug = re.sub(r"\W+", "_", page_name(self.page).removesuffix(".md"))
        return f"{slug}_{self.number}.py"

    @property
    def skipped(self) -> bool:
        return self.mark.startswith("skip because ")

    def __str__(self) -> str:
        return f"{page_name(self.page)}:{self.number}"


def page_name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@cache
def tokens_of(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


def blocks(language: str) -> list[Block]:
    """Every block of a language, in all pages."""
    return [block for page in PAGES for block in _blocks_of(page) if block.language == language]


def _blocks_of(page: Path) -> Iterator[Block]:
    before = ""
    for number, token in enumerate(tokens_of(page)):
        if token.type == "fence":
            mark = MARK.search(before)
            yield Block(page, number, token.info.strip(), token.content, mark.group(1) if mark else "")
        before = token.content if token.type == "html_block" else ""


def targets(page: Path) -> list[str]:
    """Every link and image target of a page."""
    inline = [child for token in tokens_of(page) for child in token.children or []]
    return [
        str(token.attrGet("href") or token.attrGet("src")) for token in inline if token.type in {"link_open", "image"}
    ]


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors that the headings of a page get."""
    tokens = tokens_of(page)
    headings = [after.content for token, after in pairwise(tokens) if token.type == "heading_open"]
    return frozenset(re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings)


def rows(page: Path) -> list[list[str]]:
    """The cells of every table row of a page, as written."""
    found: list[list[str]] = []
    cell = False
    for token in tokens_of(page):
        if token.type == "tr_open":
            found.append([])
        if token.type == "inline" and cell:
            found[-1].append(token.content)
        cell = token.type in {"td_open", "th_open"}
    return found
