"""Problems of settings as sentences: which setting, what is wrong with it, what to do. Never the value itself."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from watchword.core.errors import ConfigError


class Problem(NamedTuple):
    """One thing that is wrong: the field it is about, and a sentence with the remedy."""

    field: str
    sentence: str

    def __str__(self) -> str:
        return f"{variable(self.field)} {self.sentence}"


def variable(field: str) -> str:
    """Return the environment variable of a field."""
    return f"WATCHWORD_{field.upper()}"


def refuse(problems: Sequence[Problem]) -> None:
    """Raise one `ConfigError` with every problem, unless there is none."""
    if problems:
        raise ConfigError("\n".join(str(problem) for problem in problems))


Sentence = Callable[[Mapping[str, Any]], str]

SENTENCES: Mapping[str, Sentence] = {
    "literal_error": lambda context: f"must be one of {context['expected']}.",
    "greater_than_equal": lambda context: f"must be at least {context['ge']}.",
    "less_than_equal": lambda context: f"must be at most {context['le']}.",
    "int_parsing": lambda _: "must be a whole number.",
    "int_type": lambda _: "must be a whole number.",
    "int_from_float": lambda _: "must be a whole number.",
    "bool_parsing": lambda _: "must be true or false.",
    "bool_type": lambda _: "must be true or false.",
    "string_type": lambda _: "must be text.",
    "string_pattern_mismatch": lambda _: "must be a path such as /auth, without a slash at its end.",
}
"""What to say for each kind of Pydantic error; anything else is malformed."""


def unreadable(error: ValidationError, *, known: Sequence[str]) -> tuple[Problem, ...]:
    """Return the problems that Pydantic found, without the values it found them in."""
    found = error.errors(include_input=False, include_url=False)
    return tuple(_problem(str(item["loc"][0]), item["type"], item.get("ctx", {}), known) for item in found)


def _problem(field: str, kind: str, context: Mapping[str, Any], known: Sequence[str]) -> Problem:
    if kind != "extra_forbidden":
        sentence = SENTENCES.get(kind)
        return Problem(field, sentence(context) if sentence else "is malformed.")
    import difflib  # only for who mistyped

    close = difflib.get_close_matches(field.lower(), known, n=1)
    advice = f"did you mean {close[0]}?" if close else "remove it."
    return Problem(field, f"({field} in watchword.toml, .env or an argument) is not a setting; {advice}")
