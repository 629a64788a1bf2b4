"""The texts of the pages in several languages, and which of them a browser gets (RFC 9110 section 12.5.4)."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

ENGLISH = "en"
MOST_CHOICES = 16
Table = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language; what it lacks is English."""

    language: str
    table: Table
    fallback: Table

    def __call__(self, key: str, **values: object) -> str:
        """Return a text, with `{name}` replaced. It is no HTML: the template escapes it.

        Raises:
            KeyError: there is no such text in any language.
        """
        return (self.table.get(key) or self.fallback[key]).format_map(values)

    def find(self, key: str) -> str | None:
        """Return a text as it stands, or None."""
        return self.table.get(key) or self.fallback.get(key)


class Languages:
    """Every language there is.

    Args:
        folder: one with `*.toml` of one's own, which add languages or replace single texts; None for none.
        default: the language of people who ask for none that is there.
    """

    def __init__(self, folder: Path | None = None, *, default: str = ENGLISH) -> None:
        tables = _read(files("watchword.fastapi.pages") / "messages")
        for name, table in (_read(folder) if folder and folder.is_dir() else {}).items():
            tables[name] = {**tables.get(name, {}), **table}
        english = tables[ENGLISH]
        self._texts = {name: Texts(name, table, english) for name, table in tables.items()}
        self._default = self._texts.get(default, self._texts[ENGLISH])

    @property
    def names(self) -> tuple[str, ...]:
        """The languages, by their tags."""
        return tuple(sorted(self._texts))

    def choose(self, wanted: Sequence[str], accept_language: str = "") -> Texts:
        """Return the texts of the first language that is there: first of `ui_locales`, then of Accept-Language."""
        asked = [*wanted, *_ranges(accept_language)][:MOST_CHOICES]
        found = (self._texts.get(tag.lower().replace("_", "-").split("-")[0]) for tag in asked)
        return next((texts for texts in found if texts is not None), self._default)


def _read(folder: Traversable) -> dict[str, dict[str, str]]:
    return {
        entry.name.removesuffix(".toml"): _flat(tomllib.loads(entry.read_text(encoding="utf-8")))
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }


def _flat(document: Mapping[str, object]) -> dict[str, str]:
    return {
        f"{section}.{key}": str(text)
        for section, texts in document.items()
        if isinstance(texts, Mapping)
        for key, text in texts.items()
    }


def _ranges(header: str) -> list[str]:
    """Return the language ranges of Accept-Language, the most wanted first; those with weight 0 are not wanted."""
    weighed = []
    for part in header[:512].split(","):
        tag, _, parameter = part.partition(";")
        weight = _weight(parameter)
        if tag.strip() and weight > 0:
            weighed.append((weight, tag.strip()))
    return [tag for _, tag in sorted(weighed, key=lambda each: -each[0])]


def _weight(parameter: str) -> float:
    text = parameter.strip().removeprefix("q=")
    return float(text) if text in ("0", "1") or (text.startswith(("0.", "1.")) and text[2:].isdecimal()) else 1.0
