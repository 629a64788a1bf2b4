"""Names in the environment that begin like ours and are no settings: mistyped, or set by an orchestrator."""

import re
from collections.abc import Iterable, Iterator

PREFIX = "WATCHWORD_"
_OF_AN_ORCHESTRATOR = re.compile(r"(\w+_)?(SERVICE_(HOST|PORT)\w*|PORT|PORT_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)")
"""What Kubernetes and linked containers set for a service named `watchword`."""


def unknown_names(environment: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """Give a sentence for each name that is no setting. The values are never read.

    Args:
        environment: the names in the environment.
        known: the fields of `Settings`.
    """
    settings = sorted(known)
    for name in sorted(environment):
        rest = name.upper().removeprefix(PREFIX)
        if rest == name.upper() or rest.lower() in settings or _OF_AN_ORCHESTRATOR.fullmatch(rest):
            continue
        meant = _closest(rest.lower(), settings)
        yield f"{name} is not a setting and is ignored" + (f"; did you mean {PREFIX}{meant.upper()}?" if meant else ".")


def _closest(name: str, settings: list[str]) -> str | None:
    import difflib  # only for who mistyped

    beginnings = [known for known in settings if name.startswith(known) or known.startswith(name)]
    return next(iter(difflib.get_close_matches(name, settings, n=1) or beginnings), None)
