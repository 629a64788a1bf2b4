"""An import: each row becomes an account, is there already, or is rejected with a reason."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.flows.doubles import Outage
from tests.flows.world import CHEAP, PASSWORD

from watchword.core.accounts.imports.acceptance import ImportRules
from watchword.core.accounts.imports.account import ImportedAccount
from watchword.core.accounts.passwords import Passwords
from watchword.core.errors import InvalidGrant, StoreUnavailable
from watchword.core.models.events import AccountsImported, UserSignedUp
from watchword.core.models.identity import Role
from watchword.flows import admin
from watchword.flows.exports import export_users
from watchword.flows.imports import NumberedAccount, UserImport

OLD_HASH = Passwords(replace(CHEAP, memory_kib=16)).hash(PASSWORD)
BAD_HASH = "$nobody-knows$this"


def person(username=None, **fields):
    return ImportedAccount(username=username, **fields)


class Run:
    """An import and what it rejected."""

    def __init__(self, world, **rules):
        self.rejected = {}
        self.work = UserImport(world.ctx, ImportRules(**rules), self.rejected.__setitem__)

    async def take(self, *people):
        await self.work.take([NumberedAccount(row, each) for row, each in enumerate(people, start=1)])
        return self

    @property
    def counts(self):
        tally = self.work.tally
        return tally.added, tally.existing, tally.rejected


async def names(world):
    return sorted(user.username for user in await world.plain.users.list(limit=99))


async def found(world, name):
    return await admin.get_user(world.ctx, name)


async def test_an_account_is_stored_as_the_row_says(world):
    made_at = datetime(2020, 1, 2, tzinfo=UTC)
    row = person(
        "Ada",
        email="Ada@example.test",
        email_verified=True,
        password_hash=OLD_HASH,
        profile={"a": 1},
        created_at=made_at,
        disabled=True,
    )
    assert (await Run(world).take(row)).counts == (1, 0, 0)
    user = await found(world, "ada")
    assert (user.username, user.email, user.email_verified) == ("Ada", "Ada@example.test", True)
    assert (user.created_at, user.updated_at, user.disabled_at) == (made_at, world.clock.now(), world.clock.now())
    assert (user.password_hash, user.profile, user.roles) == (OLD_HASH, {"a": 1}, ())


async def test_an_imported_person_logs_in_and_the_hash_is_upgraded(world):
    await Run(world).take(person("ada", password_hash=OLD_HASH))
    assert await world.who(await world.login("ada"))
    upgraded = (await found(world, "ada")).password_hash
    assert upgraded != OLD_HASH
    assert await world.login("ada")
    with pytest.raises(InvalidGrant):
        await world.login("ada", PASSWORD + "x")


async def test_a_disabled_person_cannot_log_in(world):
    await Run(world).take(person("ada", password_hash=OLD_HASH, disabled=True))
    with pytest.raises(InvalidGrant):
        await world.login("ada")


async def test_a_person_without_a_hash_has_an_account_without_a_password(world):
    assert (await Run(world).take(person("ada"))).counts == (1, 0, 0)
    with pytest.raises(InvalidGrant):
        await world.login("ada", "")


REJECTED = [
    (person(), "has neither a username nor an e-mail address"),
    (person("a b"), "is refused: Use letters, the digits"),
    (person("=cmd()"), "is refused: Use letters, the digits"),
    (person("\u0430dmin"), "is refused: Write a username"),
    (person("ada", email="nonsense"), "is refused: Give one e-mail address"),
    (person("ada@example.test", email="other@example.test"), "is refused: Use letters"),
    (person("ada", password_hash=BAD_HASH), "has a password hash that Watchword does not know"),
    (person("ada", password_hash="pbkdf2_sha256$1$s\x00lt$" + "A" * 43 + "="), "has a password hash that Watchword"),
    (person("ada", password_hash="hunter2"), "has a password hash that Watchword does not know"),
    (person("ada", password="hunter2"), "holds a plain password (use --hash-passwords"),
    (person("ada", roles=("editor",)), "has the role editor, which does not exist here"),
    (person("ada", roles=("Editor!",)), "has a role whose name cannot be one here"),
    (person("ada", profile={"a": "x" * 70_000}), "has a profile that is too large"),
    (person("ada", created_at=datetime(1492, 1, 1, tzinfo=UTC)), "has a time of creation that cannot be"),
]


@pytest.mark.parametrize(("row", "reason"), REJECTED)
async def test_a_row_that_cannot_be_an_account_is_rejected_and_the_next_is_not(world, row, reason):
    run = await Run(world).take(row, person("grace"))
    assert run.counts == (1, 0, 1)
    assert run.rejected[1].startswith(reason)
    assert "hunter2" not in run.rejected[1]
    assert await names(world) == ["grace"]


async def test_an_unknown_hash_may_be_dropped(world):
    run = await Run(world, drop_unknown_hashes=True).take(person("ada", password_hash=BAD_HASH))
    assert run.counts == (1, 0, 0)
    assert run.work.tally.without_hash == 1
    assert (await found(world, "ada")).password_hash is None


async def test_plain_passwords_are_hashed_where_that_is_asked_for_and_must_be_good(world):
    run = await Run(world, hash_passwords=True).take(
        person("ada", password=PASSWORD), person("bob", password="12345678")
    )
    assert run.counts == (1, 0, 1)
    assert run.rejected[2].startswith("is refused: ")
    assert "12345678" not in run.rejected[2]
    assert await world.login("ada")


async def test_people_without_a_username_get_one_of_their_address(world):
    run = await Run(world).take(
        person(email="ada@one.test"),
        person(email="ada@two.test"),
        person("carol@example.test"),
        person("dan", email=None),
    )
    assert run.counts == (4, 0, 0)
    first, second = [(await found(world, f"ada@{host}.test")).username for host in ("one", "two")]
    assert first == "ada"
    assert second.startswith("ada-")
    assert (await found(world, "carol")).email == "carol@example.test"


async def test_the_same_file_again_changes_nothing(world):
    people = [
        person("ada", email="ada@example.test"),
        person(email="ada@one.test"),
        person(email="ada@two.test"),
        person("BOB"),
    ]
    assert (await Run(world).take(*people)).counts == (4, 0, 0)
    before = await world.plain.users.list(limit=9)
    world.clock.tick(60)
    assert (await Run(world).take(*people)).counts == (0, 4, 0)
    assert await world.plain.users.list(limit=9) == before


async def test_identifiers_of_another_account_are_rejected(world):
    await world.sign_up("ada", email="ada@example.test")
    world.clock.tick(60)
    run = await Run(world).take(
        person("ADA", email="other@example.test"),
        person("grace", email="ADA@example.test"),
        person("Ada", email="Ada@example.test"),
        person("ada"),
    )
    assert run.counts == (0, 1, 3)
    assert run.rejected == {
        1: "has the user name of another account",
        2: "has the e-mail address of another account",
        4: "has the user name of another account",
    }


async def test_of_rows_with_one_identifier_the_first_counts(world):
    world.clock.tick(60)
    run = await Run(world).take(
        person("ada", email="ada@example.test"),
        person("ADA", email="x@example.test"),
        person("eve", email="ADA@example.test"),
    )
    assert run.counts == (1, 0, 2)
    await run.work.take([NumberedAccount(4, person("Ada"))])
    assert run.rejected == {
        2: "has the user name of an earlier row",
        3: "has the e-mail address of an earlier row",
        4: "has the user name of an earlier row",
    }


async def test_an_account_that_is_there_stops_an_import_that_must_not_meet_one(world):
    await world.sign_up("ada")
    world.clock.tick(60)
    run = await Run(world, stop_at_existing=True).take(person("bob"), person("ada"))
    assert run.work.stopped
    assert run.rejected == {2: "is of an account that is there already"}
    assert not (await Run(world, stop_at_existing=True).take(person("eve"))).work.stopped


async def test_roles_must_exist_or_are_made_or_left_out(world):
    await admin.put_role(world.ctx, Role(name="editor", permissions=frozenset({"write"})))
    await Run(world).take(person("ada", roles=("editor", "editor")))
    await Run(world, make_roles=True).take(
        person("bob", roles=("editor", "new:role")), person("eve", roles=("new:role",))
    )
    await Run(world, leave_out_roles=True).take(person("dan", roles=("Any thing",)))
    assert [(await found(world, name)).roles for name in ("ada", "bob", "eve", "dan")] == [
        ("editor",),
        ("editor", "new:role"),
        ("new:role",),
        (),
    ]
    roles = {role.name: role.permissions for role in await world.plain.roles.list()}
    assert roles == {"admin": {"admin"}, "editor": {"write"}, "new:role": frozenset()}


@pytest.mark.parametrize("role", ["admin", "root"])
async def test_nobody_becomes_administrator_by_a_file_unless_that_is_asked_for(world, role):
    await admin.put_role(world.ctx, Role(name="root", permissions=frozenset({"admin", "write"})))
    run = await Run(world).take(person("ada", roles=(role,)))
    assert run.counts == (1, 0, 0)
    assert run.work.roles.admins_left_out == 1
    assert (await found(world, "ada")).roles == ()
    run = await Run(world, admins=True).take(person("eve", roles=(role,)))
    assert run.work.roles.admins_left_out == 0
    assert (await found(world, "eve")).roles == (role,)


async def test_a_dry_run_counts_the_same_and_stores_nothing(world):
    await world.sign_up("ada", email="ada@example.test")
    world.clock.tick(60)
    people = [
        person("ada", email="ada@example.test"),
        person("ADA"),
        person("bob", roles=("new",)),
        person("Bob"),
        person("eve", password=PASSWORD),
        person(email="bob@example.test"),
        person("dan", password_hash=BAD_HASH),
    ]
    rules = {"make_roles": True, "hash_passwords": True}
    dry = await Run(world, dry_run=True, **rules).take(*people)
    dry.work.finish("jsonl")
    assert await names(world) == ["ada"]
    assert [role.name for role in await world.plain.roles.list()] == ["admin"]
    assert await world.events(AccountsImported) == []
    wet = await Run(world, **rules).take(*people)
    assert (dry.counts, dry.rejected, dry.work.roles.made) == (wet.counts, wet.rejected, wet.work.roles.made)
    assert dry.counts == (3, 1, 3)


async def test_one_event_tells_of_all(world):
    run = await Run(world).take(person("ada"), person("bob"), person("ada"))
    run.work.finish("csv")
    (event,) = await world.events(AccountsImported)
    assert (event.count, event.file_format) == (2, "csv")
    assert await world.events(UserSignedUp) == []
    (await Run(world).take()).work.finish("csv")
    assert len(await world.events(AccountsImported)) == 1


async def test_an_export_holds_everything_but_secrets(world):
    await Run(world, admins=True).take(
        person("ada", email="ada@example.test", password_hash=OLD_HASH, roles=("admin",), profile={"a": [1]})
    )
    (row,) = [row async for row in export_users(world.ctx, password_hashes=False)]
    assert row == {
        "id": (await found(world, "ada")).id,
        "username": "ada",
        "email": "ada@example.test",
        "email_verified": False,
        "roles": ["admin"],
        "profile": {"a": [1]},
        "created_at": row["created_at"],
        "disabled": False,
    }
    (row,) = [row async for row in export_users(world.ctx, password_hashes=True)]
    assert row["password_hash"] == OLD_HASH


@pytest.mark.parametrize("fault", ["before", "after"])
async def test_a_store_that_is_away_for_a_moment_is_asked_again_and_nothing_is_counted_twice(
    worlds, monkeypatch, fault
):
    monkeypatch.setattr("watchword.flows.patient_adding.WAITS", (0, 0))
    failures = [fault]

    async def around(noun, verb, call):
        failing = verb == "add_many" and failures and failures.pop()
        if failing == "before":
            raise StoreUnavailable(hint="the test pulled the plug")
        answer = await call()
        if failing == "after":  # committed, but nobody heard of it
            raise StoreUnavailable(hint="the test pulled the plug")
        return answer

    world = await worlds(around=around)
    await world.sign_up("grace")
    world.clock.tick(60)
    run = await Run(world).take(person("ada"), person(email="bob@example.test"), person("grace"), person("ADA"))
    assert run.counts == (2, 1, 1)
    assert await names(world) == ["ada", "bob", "grace"]


async def test_a_store_that_stays_away_is_said_so(worlds, monkeypatch):
    monkeypatch.setattr("watchword.flows.patient_adding.WAITS", (0, 0))
    outage = Outage()
    world = await worlds(around=outage)
    outage.down.add(("users", "add_many"))
    with pytest.raises(StoreUnavailable):
        await Run(world).take(person("ada"))
    outage.down.clear()
    assert (await Run(world).take(person("ada"))).counts == (1, 0, 0)
