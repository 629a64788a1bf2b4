"""The settings of the hosted pages."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings

from watchword.config import PagesConfig

_COLOUR = r"^(#[0-9A-Fa-f]{6})?$"


class PageFields(BaseSettings):
    """How the pages look: part of `Settings`."""

    pages_product: str = Field(
        "Watchword", min_length=1, max_length=64, description="What the hosted pages call the one who runs them."
    )
    pages_logo: str = Field(
        "",
        max_length=1024,  # a count inside the pattern would take megabytes
        pattern=r"^(https://[!#-&(-;=?-\[\]-~]+)?$",
        description="The https address of a logo for the hosted pages.",
    )
    pages_colour: str = Field(
        "",
        pattern=_COLOUR,
        description="The colour of buttons on the hosted pages, as `#2b59c3`; the text on them turns black or white.",
    )
    pages_colour_dark: str = Field(
        "", pattern=_COLOUR, description="The same for browsers that prefer dark pages; empty means the same colour."
    )
    pages_templates: str = Field(
        "",
        description="A directory with templates (Jinja2) that stand in for those of the same name, and with "
        "`messages/*.toml` for texts.",
    )
    pages_language: str = Field(
        "en",
        pattern=r"^[a-z]{2,3}$",
        description="The language of pages for people who ask for none that is there: en, de, fr, es, or one of yours.",
    )

    def to_pages(self) -> PagesConfig:
        """Return these settings as the pages take them."""
        return PagesConfig(
            product=self.pages_product,
            logo=self.pages_logo,
            colour=self.pages_colour,
            colour_dark=self.pages_colour_dark,
            templates=self.pages_templates,
            language=self.pages_language,
        )


def templates_are_there(settings: PageFields) -> Iterator[str]:
    """A directory that is misspelt would silently show the pages as they come."""
    if settings.pages_templates and not Path(settings.pages_templates).is_dir():
        yield "is no directory; make it, or remove this."
