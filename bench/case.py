"""One row of the table: what is measured against what, and short ways to say the usual ones."""

from dataclasses import dataclass

from bench.declarations import peers
from bench.fleet import BARE, Program

WATCHWORD = Program("watchword")
WATCHWORD_RS256 = Program("watchword", (("WATCHWORD_SIGNING_ALGORITHM", "RS256"),))
WATCHWORD_MANY = Program("watchword", (("BENCH_FILL", "--users 100000 --tokens 100000"),))
WATCHWORD_AGAIN = Program("watchword", (("BENCH_SERVER", "again"),))
"""A server of its own, for a load whose tokens are spent once."""
NODE = Program("node-oidc-provider")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a ratio: a program and one of its loads, or a script of `bench.alone` and its argument."""

    program: Program | None = None
    load: str = ""
    alone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row of the table. Without a base the figure itself is compared with the target."""

    name: str
    title: str
    subject: Side
    base: Side | None = None
    kind: str = "ratio"
    """A key of `measures.MEASURES`."""
    target: float | None = None
    beyond: float | None = None
    unit: str = "x"
    lower_is_better: bool = False
    longer: int = 1
    """How many times as long as usual it is measured: where few requests fit, one more or less would count."""
    once: bool = False
    """Whether one round of a run is enough: for what hardly spreads, or is worse by a thousand, and takes long."""


def share_case(
    name: str, title: str, program: Program, load: str, target: float | None = None, beyond: float | None = None
) -> Case:
    """Return a case of a route's share of the same route without protection, by the same versions."""
    environment = program.name if program.name == "watchword" else peers()[program.name].environment
    base = Side(program=Program(f"{BARE}{environment}"), load=load)
    return Case(
        name=name, title=title, subject=Side(program=program, load=load), base=base, target=target, beyond=beyond
    )


def against_node_case(
    name: str,
    title: str,
    program: Program,
    load: str,
    theirs: str,
    target: float | None = None,
    beyond: float | None = None,
) -> Case:
    mine, base = Side(program=program, load=load), Side(program=NODE, load=theirs)
    return Case(name=name, title=title, subject=mine, base=base, target=target, beyond=beyond)


def tutorial_case(algorithm: str) -> Case:
    program = Program("tutorial_pyjwt", (("BENCH_ALGORITHM", algorithm),))
    return share_case(f"tutorial_{algorithm.lower()}", f"docs tutorial, PyJWT {algorithm}", program, "protected")


def probe_case(
    name: str, title: str, program: Program, target: float | None = None, beyond: float | None = None
) -> Case:
    subject = Side(program=program, load="login")
    title = f"unrelated GET while 16 clients log in, p99 : quiet p99, {title}"
    return Case(
        name=name,
        title=title,
        subject=subject,
        kind="probe",
        target=target,
        beyond=beyond,
        lower_is_better=True,
        once=program != WATCHWORD,
    )


def import_case(name: str, statement: str, target: float | None = None, beyond: float | None = None) -> Case:
    title = f"`{statement}` after `import fastapi`"
    return Case(
        name=name,
        title=title,
        subject=Side(alone=statement),
        kind="import",
        unit="ms",
        target=target,
        beyond=beyond,
        lower_is_better=True,
        once=True,
    )
