"""One name, however it is written, makes one account: 100 sign-ups at the same moment over 2 processes."""

from collections import Counter
from contextlib import ExitStack

from tests.nemesis.conftest import with_stores
from tests.nemesis.figures import note, number
from tests.nemesis.processes import lights

ROUNDS = number(5, 100)
EACH = 50
NAMES = ("straße{n}", "STRASSE{n}", "Straße{n}", "ｓｔｒａsse{n}", "ﬆraße{n}", "strasſe{n}", "Strasse{n}")  # noqa: RUF001
EMAILS = ("Ada{n}@example.org", "ada{n}@EXAMPLE.org", "ADA{n}@Example.Org")


def sign_ups(nodes, requests):
    """Let the nodes run these at the same moment, every second one each, and count what came of them."""
    for node, mine in zip(nodes, (requests[::2], requests[1::2]), strict=True):
        node.send("all", errands=[("sign_up", fields) for fields in mine])
    answers = [answer for node in nodes for answer in node.hear()[2]]
    return Counter(code or "made" for code, _ in answers)


def take_unavailable(counts):
    """Count who was told to come again, as may be on a busy machine, as refused like the others; return how many."""
    busy = counts.pop("temporarily_unavailable", 0)
    refused = next(code for code in counts if code != "made")
    counts[refused] += busy
    return busy


def by_name(number):
    return [{"username": NAMES[n % len(NAMES)].format(n=number)} for n in range(2 * EACH)]


def by_email(number):
    return [
        {"username": f"person-{number}-{n}", "email": EMAILS[n % len(EMAILS)].format(n=number)} for n in range(2 * EACH)
    ]


def test_of_100_sign_ups_with_variants_of_one_name_or_address_one_makes_an_account(database):
    with ExitStack() as stack:
        nodes = lights(stack, 2, "answer", database.url)
        names = [sign_ups(nodes, by_name(n)) for n in range(ROUNDS)]
        emails = [sign_ups(nodes, by_email(n)) for n in range(ROUNDS)]
    unavailable = [take_unavailable(counts) for counts in (*names, *emails)]
    assert names == [{"made": 1, "username_taken": 2 * EACH - 1}] * ROUNDS
    assert emails == [{"made": 1, "email_taken": 2 * EACH - 1}] * ROUNDS
    assert len(with_stores(database.url, lambda stores: stores.users.list(limit=1000))) == 2 * ROUNDS
    note(
        "unique identifiers",
        store=database.kind,
        rounds=2 * ROUNDS,
        callers=2 * EACH,
        doubles=0,
        unavailable=sum(unavailable),
    )
