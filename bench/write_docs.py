"""Writes the figures of `results/latest.json` into the documentation: `python -m bench.write_docs`."""

import json
import re
import sys
from collections.abc import Mapping
from typing import Any

from bench.places import LATEST, ROOT
from bench.plots import bars, curves, stacks
from bench.report import table_of, versions_text

PAGE = ROOT / "docs" / "explanation" / "performance.md"
IMAGES = ROOT / "docs" / "images"
ROUGH = " **One short round, on a machine that did other work too: for orientation only.**"
OURS = {"requires", "principal", "user"}
SHARES = (
    *("requires", "principal", "user", "tutorial_hs256", "tutorial_rs256", "tutorial_es256", "tutorial_jose"),
    *("authx", "crudauth", "fastapi_users"),
)
CURVES = {
    "routes": ("Share of the bare route, behind more and more routes", "routes in the application", ("share",)),
    "revocations": ("Share of the bare route, by revocations in the view", "revocations in the view", ("share",)),
    "workers": ("Requests per second, by workers on two cores", "workers", ("guarded", "bare")),
    "rows": ("CurrentUser: share of the bare route, by accounts in SQLite", "accounts and families", ("share",)),
    "refresh": ("Refreshes per second, by accounts in SQLite", "accounts and refresh families", ("refresh",)),
}
"""Each picture: its title, what goes across, which members of the points are drawn. `refresh` is drawn from `rows`."""


def main() -> None:
    """Write the page's figures and the pictures. Exits with a message where there is no summary."""
    if not LATEST.is_file():
        sys.exit("There are no figures: run `make bench` first.")
    summary = json.loads(LATEST.read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")
    for name, text in sections_of(summary).items():
        page = with_section(page, name, text)
    PAGE.write_text(page, encoding="utf-8")
    for name, text in pictures_of(summary).items():
        (IMAGES / f"bench-{name}.svg").write_text(text, encoding="utf-8")


def with_section(page: str, name: str, text: str) -> str:
    """Return the page with what stands between `<!-- bench: name -->` and `<!-- bench: end -->` replaced.

    Raises:
        ValueError: the page has no such place, or more than one.
    """
    start, end = f"<!-- bench: {name} -->", "<!-- bench: end -->"
    pattern = re.compile(f"{re.escape(start)}\n.*?{re.escape(end)}", re.DOTALL)
    replaced, count = pattern.subn(lambda _: f"{start}\n\n{text}\n\n{end}", page)
    if count != 1:
        raise ValueError(f"{start} stands {count} times in the page")
    return replaced


def sections_of(summary: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of each place in the page."""
    return {
        "figures": f"{how(summary)}\n\n{table_of(summary)}",
        "missed": missed(summary),
        "functions": functions_of(summary),
        "versions": "```text\n" + versions_text(summary["versions"]) + "\n```",
    }


def how(summary: Mapping[str, Any]) -> str:
    """Return a sentence on when and where the figures were taken."""
    machine = summary["machine"]
    rounds = summary["rounds"]
    warning = (
        " **One short round, on a machine that did other work too: for orientation only.**" if summary["quick"] else ""
    )
    return (
        f"Taken {summary['at'][:10]} on {machine['cores']} cores of {machine['cpu']}, "
        f"{rounds} round{'s' if rounds > 1 else ''}, loads of {summary['seconds']:.0f} s.{warning}"
    )


def missed(summary: Mapping[str, Any]) -> str:
    """Return a list of the targets that were not reached, by how much."""
    lines = []
    for row in summary["rows"]:
        if row["target"] is None:
            continue
        if row["value"] is None:
            lines.append(f"- {row['title']}: no figure ({row['failed']}).")
            continue
        found, target = row["value"]["median"], row["target"]
        if (found > target) if row["lower_is_better"] else (found < target):
            lines.append(f"- {row['title']}: {found:.3g} where {target:g} was to be reached.")
    return "\n".join(lines) or "Every target of the middle column was reached."


def functions_of(summary: Mapping[str, Any]) -> str:
    """Return a table of the functions that take most, for each profiled load."""
    lines = ["| load | function of Watchword, with all that it calls | share of the samples |", "|---|---|---|"]
    for load, found in (summary.get("profile") or {}).items():
        lines += [f"| {load} | `{name}` | {share:.0%} |" for name, share in found["functions"]]
    return "\n".join(lines)


def pictures_of(summary: Mapping[str, Any]) -> dict[str, str]:
    """Return the pictures by name; those without figures are left as they are."""
    rows = {row["name"]: row for row in summary["rows"] if row["value"]}
    shares = [
        (plain(rows[name]["title"]), rows[name]["value"]["median"], name in OURS) for name in SHARES if name in rows
    ]
    found = {"shares": bars("Throughput of a protected route, as a share of the bare one", told(shares), shares)}
    if summary.get("profile"):
        parts = {name: one["parts"] for name, one in summary["profile"].items()}
        title = "Where the server's time goes"
        found["profile"] = stacks(title, "Shares of the samples by part of the program, for each load.", parts)
    return {**found, **_curves_of(summary.get("growth") or {})}


def _curves_of(growth: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for name, (title, across, members) in CURVES.items():
        points = growth.get("rows" if name == "refresh" else name) or []
        series = {member: [(point["size"], point[member]) for point in points] for member in members}
        if points:
            described = "; ".join(f"{member}: {_listed(at)}" for member, at in series.items())
            up = "share" if members == ("share",) else "requests per second"
            found[name] = curves(title, described, series, across=across, up=up)
    return found


def _listed(points: list[tuple[float, float]]) -> str:
    return ", ".join(f"{size:,.0f}: {value:.3g}" for size, value in points)


def told(shares: list[tuple[str, float, bool]]) -> str:
    """Return bars as a sentence, for those who cannot see them."""
    return "; ".join(f"{label}: {value:.2f}" for label, value, _ in shares) + "."


def plain(title: str) -> str:
    """Return a title without the marks of Markdown and without its base."""
    return title.replace("`", "").partition(" : ")[0]


if __name__ == "__main__":
    main()
