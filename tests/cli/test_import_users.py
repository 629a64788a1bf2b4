"""`watchword users import` and `export`: from a file of each format to a login."""

import asyncio
import base64
import csv
import hashlib
import io
import json
import stat

import bcrypt
import passlib.hash
import pytest
from tests.core.accounts.test_legacy_hashes import FIREBASE_HASH, FIREBASE_KEY
from tests.flows.world import World

from watchword.cli.transfer import import_job, progress
from watchword.core.errors import InvalidGrant
from watchword.settings.dev_secret import get_development_secret
from watchword.stores.open import open_stores

PASSWORD = "paper lantern over wet gravel"
BCRYPT = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
SHA256_CRYPT = passlib.hash.sha256_crypt.using(rounds=1000).hash(PASSWORD)
DJANGO = passlib.hash.django_pbkdf2_sha256.using(rounds=1000).hash(PASSWORD)
SALT = b"sixteen octets!!"


def b64(octets):
    return base64.b64encode(octets).decode()


def log_in(login, password=PASSWORD):
    """Log in to the database of this directory; return the stored hash afterwards."""

    async def work():
        stores = open_stores("sqlite:///watchword.db")
        world = World(stores=stores, secrets=(get_development_secret(),))
        try:
            await world.ctx.start(follow=False)
            principal = await world.who(await world.login(login, password))
            return (await stores.users.find(principal.subject)).password_hash
        finally:
            await world.ctx.close()
            await stores.close()

    return asyncio.run(work())


def as_csv(*rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


KEYCLOAK_HASH = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), SALT, 27_500, 64)
KEYCLOAK_USER = {
    "id": "1",
    "username": "ada",
    "email": "ada@example.test",
    "enabled": True,
    "createdTimestamp": 1706933106000,
    "credentials": [
        {
            "type": "password",
            "secretData": json.dumps({"value": b64(KEYCLOAK_HASH), "salt": b64(SALT), "additionalParameters": {}}),
            "credentialData": json.dumps({"hashIterations": 27_500, "algorithm": "pbkdf2-sha256"}),
        }
    ],
    "realmRoles": ["default-roles-shop", "offline_access"],
}
DJANGO_FIELDS = {
    "username": "ada",
    "email": "ada@example.test",
    "password": DJANGO,
    "is_active": True,
    "is_superuser": True,
}
FILES = {
    "jsonl": (
        "users.jsonl",
        json.dumps({"username": "ada", "email": "ada@example.test", "password_hash": SHA256_CRYPT}),
    ),
    "csv": ("users.csv", as_csv(["username", "email", "password_hash"], ["ada", "ada@example.test", BCRYPT])),
    "mongodb-tutorial": (
        "users.json",
        json.dumps(
            {
                "_id": {"$oid": "65bdb9f2" + "0" * 16},
                "username": "ada",
                "email": "ada@example.test",
                "hashed_password": BCRYPT,
            }
        ),
    ),
    "fastapi-users": (
        "user.csv",
        as_csv(
            ["id", "email", "hashed_password", "is_active", "is_superuser", "is_verified"],
            ["1", "ada@example.test", BCRYPT, "t", "f", "t"],
        ),
    ),
    "django": (
        "dump.json",
        json.dumps(
            [{"model": "auth.group", "fields": {}}, {"model": "auth.user", "pk": 1, "fields": DJANGO_FIELDS}], indent=2
        ),
    ),
    "auth0": ("export.ndjson", json.dumps({"email": "ada@example.test", "passwordHash": BCRYPT, "tenant": "shop"})),
    "keycloak": (
        "realm.json",
        json.dumps({"realm": "shop", "roles": {"realm": [1, {}]}, "users": [KEYCLOAK_USER]}, indent=1),
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_person_of_each_format_logs_in_and_gets_a_new_hash(run_json, place, name):
    file, content = FILES[name]
    (place / file).write_text(content, encoding="utf-8")
    summary = run_json("users", "import", file)
    assert (summary["format"], summary["added"], summary["rejected"]) == (name, 1, 0)
    assert log_in("ada@example.test").startswith("$argon2id$")
    with pytest.raises(InvalidGrant):
        log_in("ada@example.test", PASSWORD + "x")
    assert log_in("ada@example.test").startswith("$argon2id$")
    assert not (place / f"{file}.rejected").exists()
    assert not (place / f"{file}.progress").exists()


FIREBASE_ROW = {
    "localId": "1",
    "email": "ada@example.test",
    "passwordHash": FIREBASE_HASH,
    "salt": "42xEC+ixf3L2lw==",
    "createdAt": "1706933106000",
}
FIREBASE_CELLS = [
    "1",
    "ada@example.test",
    "true",
    FIREBASE_HASH,
    "42xEC+ixf3L2lw==",
    "Ada",
    *[""] * 17,
    "1706933106000",
    "",
    "",
    "",
    "",
]


@pytest.mark.parametrize("kind", ["json", "csv"])
@pytest.mark.parametrize("by", ["file", "environment"])
def test_a_person_of_firebase_logs_in_with_the_parameters_of_the_project(run_json, place, monkeypatch, kind, by):
    content = json.dumps({"users": [FIREBASE_ROW]}, indent=2) if kind == "json" else as_csv(FIREBASE_CELLS)
    (place / "users").write_text(content, encoding="utf-8")
    (place / "key").write_text(FIREBASE_KEY + "\n", encoding="utf-8")
    option = ["--firebase-signer-key-file", "key"] if by == "file" else []
    if by == "environment":
        monkeypatch.setenv("FIREBASE_SIGNER_KEY", FIREBASE_KEY)
    summary = run_json("users", "import", "users", "--format", "firebase", *option)
    assert (summary["added"], summary["rejected"]) == (1, 0)
    assert log_in("ada", "user1password").startswith("$argon2id$")


@pytest.mark.parametrize("key", ["?", "AAAA", None])
def test_a_signer_key_that_is_none_is_misuse_and_not_repeated(run, place, key):
    (place / "users.json").write_text(json.dumps({"users": [FIREBASE_ROW]}), encoding="utf-8")
    if key is not None:
        (place / "key").write_text(key, encoding="utf-8")
    refused = run("users", "import", "users.json", "--firebase-signer-key-file", "key", expect=2)
    assert "AAAA" not in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_there_is_no_option_that_takes_the_signer_key_itself(run):
    assert "No such option" in run("users", "import", "x", "--firebase-signer-key", FIREBASE_KEY, expect=2).stderr


def exported(path):
    """The rows of an export by username, without the ids, which are new at each import."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return sorted(({**row, "id": ""} for row in rows), key=lambda row: row["username"])


def test_what_is_exported_is_imported_again_as_it_was(run, run_json, place, monkeypatch):
    run("roles", "add", "editor")
    lines = [
        {
            "username": "Ada",
            "email": "Ada@example.test",
            "email_verified": True,
            "password_hash": BCRYPT,
            "roles": ["admin"],
        },
        {"username": "bob", "disabled": True, "roles": ["editor"], "created_at": "2020-01-02T03:04:05.678Z"},
        {"username": "\u043e\u043b\u0433\u0430", "profile": {"colour": "\u0436", "n": [1, None, {"a": 0.5}]}},
    ]
    (place / "in.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    run("users", "import", "in.jsonl", "--admins")
    run("users", "export", "out.jsonl", "--with-password-hashes")
    monkeypatch.setenv("WATCHWORD_DATABASE_URL", "sqlite:///second.db")
    summary = run_json("users", "import", "out.jsonl", "--admins", "--make-roles")
    assert (summary["added"], summary["roles_made"]) == (3, ["editor"])
    run("users", "export", "again.jsonl", "--with-password-hashes")
    first, second = [exported(place / name) for name in ("out.jsonl", "again.jsonl")]
    assert first == second
    assert [row["password_hash"] for row in first] == [BCRYPT, None, None]
    assert [row["roles"] for row in first] == [["admin"], ["editor"], []]


def test_an_export_holds_no_hash_unless_told_and_is_for_its_owner_alone(run, add_user, place):
    add_user("ada")
    run("users", "export", "out.jsonl")
    assert "argon2" not in (place / "out.jsonl").read_text(encoding="utf-8")
    assert stat.S_IMODE((place / "out.jsonl").stat().st_mode) == 0o600
    printed = run("users", "export")
    assert printed.stdout == (place / "out.jsonl").read_text(encoding="utf-8")
    assert printed.stderr == "1 accounts were written.\n"
    assert "argon2" in run("users", "export", "--with-password-hashes").stdout


def test_an_export_writes_over_no_file(run, place):
    (place / "out.jsonl").write_text("precious", encoding="utf-8")
    assert "exists already" in run("users", "export", "out.jsonl", expect=1).stderr
    assert (place / "out.jsonl").read_text(encoding="utf-8") == "precious"
    assert "cannot be written" in run("users", "export", "no/such/directory", expect=1).stderr


def test_rejected_rows_are_told_with_their_lines_and_without_their_values(run, place):
    bad = [{"username": "a b", "password_hash": BCRYPT}, {"username": "eve", "password": "hunter2"}]
    (place / "in.jsonl").write_text("\n".join(['{"username":"ada"}', "", *map(json.dumps, bad)]), encoding="utf-8")
    refused = run("users", "import", "in.jsonl", expect=1)
    assert "in.jsonl.rejected" in refused.stderr
    told = (place / "in.jsonl.rejected").read_text(encoding="utf-8")
    assert [json.loads(line)["line"] for line in told.splitlines()] == [3, 4]
    assert stat.S_IMODE((place / "in.jsonl.rejected").stat().st_mode) == 0o600
    for secret in (BCRYPT, "hunter2"):
        assert secret not in told + refused.stdout + refused.stderr


def test_a_later_run_without_rejections_takes_the_old_ones_away(run, place):
    (place / "in.jsonl").write_text('{"username":"a b"}\n', encoding="utf-8")
    run("users", "import", "in.jsonl", expect=1)
    (place / "in.jsonl").write_text('{"username":"ab"}\n', encoding="utf-8")
    run("users", "import", "in.jsonl")
    assert not (place / "in.jsonl.rejected").exists()


def test_a_dry_run_changes_nothing(run, run_json, place):
    (place / "in.jsonl").write_text('{"username":"ada"}\n', encoding="utf-8")
    assert run_json("users", "import", "in.jsonl", "--dry-run")["added"] == 1
    assert run_json("users", "list") == []


def test_a_conflict_may_stop_the_import(run, place, add_user):
    add_user("ada")
    (place / "in.jsonl").write_text('{"username":"ada"}\n', encoding="utf-8")
    run("users", "import", "in.jsonl")
    assert run("users", "import", "in.jsonl", "--on-conflict", "fail", expect=1).stdout.count("rejected: 1") == 1


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(import_job, "BATCH", 2)


def interrupted_after(monkeypatch, batches):
    """The person at the terminal presses Ctrl-C."""
    take, taken = import_job.UserImport.take, []

    async def stopped(self, batch):
        if len(taken) == batches:
            raise KeyboardInterrupt
        taken.append(len(batch))
        await take(self, batch)

    monkeypatch.setattr(import_job.UserImport, "take", stopped)
    return taken


@pytest.mark.parametrize("kind", ["jsonl", "array", "csv"])
def test_a_stopped_import_goes_on_behind_what_it_did(run, run_json, place, monkeypatch, small_batches, kind):
    names = [f"user{number}" for number in range(7)]
    rows = [{"username": name} for name in names]
    content = {
        "jsonl": "\n".join(map(json.dumps, rows)),
        "array": json.dumps(rows),
        "csv": as_csv(["username"], *([name] for name in names)),
    }[kind]
    (place / "in").write_text(content, encoding="utf-8")
    with monkeypatch.context() as patched:
        interrupted_after(patched, 2)
        assert (
            "--resume"
            in run("users", "import", "in", "--format", "jsonl" if kind == "array" else kind, expect=1).stderr
        )
    assert sorted(user["username"] for user in run_json("users", "list")) == names[:4]
    with monkeypatch.context() as patched:
        taken = interrupted_after(patched, 99)
        summary = run_json("users", "import", "in", "--resume", "--format", "jsonl" if kind == "array" else kind)
    assert (summary["added"], summary["existing"], taken) == (3, 0, [2, 1])
    assert sorted(user["username"] for user in run_json("users", "list")) == names
    assert run_json("users", "import", "in", "--resume")["existing"] == 7


def test_a_changed_file_is_not_resumed(run, run_json, place, monkeypatch, small_batches):
    (place / "in.jsonl").write_text('{"username":"ada"}\n{"username":"bob"}\n{"username":"eve"}\n', encoding="utf-8")
    with monkeypatch.context() as patched:
        interrupted_after(patched, 1)
        run("users", "import", "in.jsonl", expect=1)
    (place / "in.jsonl").write_text('{"username":"dan"}\n{"username":"bob"}\n{"username":"eve"}\n', encoding="utf-8")
    assert "another state of the file" in run("users", "import", "in.jsonl", "--resume", expect=1).stderr
    (place / "in.jsonl.progress").write_text("nonsense", encoding="utf-8")
    assert "another state of the file" in run("users", "import", "in.jsonl", "--resume", expect=1).stderr
    assert run_json("users", "import", "in.jsonl")["added"] == 2


def test_a_bar_is_shown_to_a_person_and_not_to_a_pipe(run, place, monkeypatch):
    (place / "in.jsonl").write_text('{"username":"ada"}\n', encoding="utf-8")
    assert run("users", "import", "in.jsonl").stderr == ""
    plain = progress.Console
    monkeypatch.setattr(progress, "Console", lambda **options: plain(force_terminal=True, **options))
    assert "Importing" in run("users", "import", "in.jsonl").stderr
    assert "Exporting" in run("users", "export").stderr
