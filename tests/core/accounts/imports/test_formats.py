"""Each format: a row as the other software writes it, what it becomes, and what is no such row."""

import base64
import hashlib
from datetime import UTC, datetime

import argon2
import bcrypt
import passlib.hash
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.accounts.test_legacy_hashes import FIREBASE_HASH, FIREBASE_KEY

from watchword.config import PasswordConfig
from watchword.core.accounts.imports.account import BadRow, ImportedAccount
from watchword.core.accounts.imports.firebase import FirebaseHash
from watchword.core.accounts.imports.formats import FORMATS, find_format, with_parameters
from watchword.core.accounts.passwords import Passwords

PASSWORD = "an obviously fake passphrase"
SALT = b"sixteen octets!!"
BCRYPT = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
HASHING = FirebaseHash(signer_key=base64.b64decode(FIREBASE_KEY))
TABLE = with_parameters(HASHING)
AT = datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC)


def b64(octets):
    return base64.b64encode(octets).decode()


def keycloak(algorithm, iterations, digest, more="{}"):
    secret = f'{{"value":"{b64(digest)}","salt":"{b64(SALT)}","additionalParameters":{{}}}}'
    how = f'{{"hashIterations":{iterations},"algorithm":"{algorithm}","additionalParameters":{more}}}'
    return {
        "username": "ada",
        "enabled": True,
        "createdTimestamp": 1706933106000,
        "credentials": [{"type": "otp"}, {"type": "password", "secretData": secret, "credentialData": how}],
    }


def derived(name, length):
    return hashlib.pbkdf2_hmac(name, PASSWORD.encode(), SALT, 1000, length)


RAW_ARGON2 = argon2.low_level.hash_secret_raw(
    PASSWORD.encode(), SALT, time_cost=5, memory_cost=64, parallelism=1, hash_len=32, type=argon2.Type.ID
)
ARGON2_PARAMETERS = '{"hashLength":["32"],"memory":["64"],"type":["id"],"version":["1.3"],"parallelism":["1"]}'
AUTH0_SCRYPT = {
    "algorithm": "scrypt",
    "hash": {"value": hashlib.scrypt(PASSWORD.encode(), salt=SALT, n=16, r=8, p=1, dklen=64).hex(), "encoding": "hex"},
    "salt": {"value": SALT.hex(), "encoding": "hex"},
    "cost": 16,
    "blockSize": 8,
    "parallelization": 1,
}


def auth0(custom):
    return {"user_id": "auth0|1", "email": "ada@example.test", "custom_password_hash": custom}


def phc(name, length):
    octets = [b64(each).rstrip("=") for each in (SALT, derived(name.removeprefix("pbkdf2-"), length))]
    return {"algorithm": "pbkdf2", "hash": {"value": f"${name}$i=1000,l={length}${octets[0]}${octets[1]}"}}


def django(stored):
    fields = {"username": "ada", "password": stored, "is_superuser": False, "is_active": True}
    return {"model": "auth.user", "pk": 1, "fields": fields}


HASHED = {
    "own": ("jsonl", {"username": "ada", "password_hash": passlib.hash.sha256_crypt.using(rounds=1000).hash(PASSWORD)}),
    "tutorial": (
        "mongodb-tutorial",
        {"_id": {"$oid": "65bdb9f2" + "0" * 16}, "username": "ada", "hashed_password": BCRYPT},
    ),
    "tutorial password": (
        "mongodb-tutorial",
        {"_id": "x", "username": "ada", "password": passlib.hash.md5_crypt.hash(PASSWORD)},
    ),
    "fastapi-users": (
        "fastapi-users",
        {
            "email": "ada@example.test",
            "hashed_password": argon2.PasswordHasher(memory_cost=64, time_cost=1).hash(PASSWORD),
            "is_active": True,
            "is_superuser": False,
        },
    ),
    "Django pbkdf2": ("django", django(passlib.hash.django_pbkdf2_sha256.using(rounds=1000).hash(PASSWORD))),
    "Django bcrypt": ("django", django(passlib.hash.django_bcrypt_sha256.using(rounds=4).hash(PASSWORD))),
    "Django argon2": ("django", django(passlib.hash.django_argon2.using(memory_cost=64, rounds=1).hash(PASSWORD))),
    "Auth0 bcrypt": ("auth0", {"email": "ada@example.test", "passwordHash": BCRYPT}),
    "Auth0 custom bcrypt": ("auth0", auth0({"algorithm": "bcrypt", "hash": {"value": BCRYPT}})),
    "Auth0 pbkdf2": ("auth0", auth0(phc("pbkdf2-sha512", 64))),
    "Auth0 long pbkdf2": ("auth0", auth0(phc("pbkdf2-sha256", 64))),
    "Auth0 scrypt": ("auth0", auth0(AUTH0_SCRYPT)),
    "Keycloak sha256": ("keycloak", keycloak("pbkdf2-sha256", 1000, derived("sha256", 32))),
    "Keycloak sha256 of 64 octets": ("keycloak", keycloak("pbkdf2-sha256", 1000, derived("sha256", 64))),
    "Keycloak sha512": ("keycloak", keycloak("pbkdf2-sha512", 1000, derived("sha512", 64))),
    "Keycloak sha1": ("keycloak", keycloak("pbkdf2", 1000, derived("sha1", 64))),
    "Keycloak argon2": ("keycloak", keycloak("argon2", 5, RAW_ARGON2, ARGON2_PARAMETERS)),
}


@pytest.fixture(name="passwords", scope="module")
def _passwords():
    return Passwords(PasswordConfig(memory_kib=64, time_cost=1))


def read(name, document) -> ImportedAccount:
    return TABLE[name].read(document)


@pytest.mark.parametrize(("name", "document"), HASHED.values(), ids=HASHED)
def test_a_hash_of_the_other_software_verifies_here(passwords, name, document):
    stored = read(name, document).password_hash
    assert passwords.recognises(stored)
    assert passwords.verify(PASSWORD, stored).matches
    assert not passwords.verify(PASSWORD + "x", stored).matches


@pytest.mark.parametrize(("name", "document"), HASHED.values(), ids=HASHED)
def test_a_format_is_known_by_sight(name, document):
    assert find_format(document) == name


def test_the_published_firebase_hash_verifies_in_both_its_alphabets(passwords):
    for digest in (FIREBASE_HASH, FIREBASE_HASH.replace("/", "_").replace("+", "-")):
        row = {"localId": "1", "email": "user1@example.test", "passwordHash": digest, "salt": "42xEC+ixf3L2lw=="}
        assert passwords.verify("user1password", read("firebase", row).password_hash).matches
        assert find_format(row) == "firebase"


def test_a_firebase_hash_needs_the_parameters_of_its_project():
    row = {"localId": "1", "email": "a@example.test", "passwordHash": FIREBASE_HASH, "salt": "AA=="}
    with pytest.raises(BadRow, match="firebase-signer-key-file"):
        FORMATS["firebase"].read(row)
    assert FORMATS["firebase"].read({"localId": "1", "email": "a@example.test"}).password_hash is None


ACCOUNTS = {
    "own": (
        "jsonl",
        {
            "id": "ignored",
            "username": "Ada",
            "email": "ada@example.test",
            "email_verified": True,
            "roles": ["editor"],
            "profile": {"colour": "red"},
            "created_at": "2024-02-03T04:05:06Z",
            "disabled": True,
        },
        ImportedAccount(
            username="Ada",
            email="ada@example.test",
            email_verified=True,
            roles=("editor",),
            profile={"colour": "red"},
            created_at=AT,
            disabled=True,
        ),
    ),
    "csv": (
        "csv",
        {
            "username": "ada",
            "email": "",
            "roles": "a, b;c",
            "profile.colour": "red",
            "profile.age": "",
            "disabled": "f",
        },
        ImportedAccount(username="ada", roles=("a", "b", "c"), profile={"colour": "red"}),
    ),
    "tutorial": (
        "mongodb-tutorial",
        {
            "_id": {"$oid": "65bdb9f2" + "0" * 16},
            "username": "ada",
            "full_name": "Ada L",
            "disabled": True,
            "created_date": {"$date": "2024-02-03T04:05:06.000Z"},
        },
        ImportedAccount(username="ada", profile={"full_name": "Ada L"}, disabled=True, created_at=AT),
    ),
    "tutorial by id": (
        "mongodb-tutorial",
        {"_id": {"$oid": "65bdb9f2" + "0" * 16}, "username": "ada"},
        ImportedAccount(username="ada", created_at=datetime.fromtimestamp(0x65BDB9F2, UTC)),
    ),
    "tutorial by number": (
        "mongodb-tutorial",
        {"_id": 7, "username": "ada", "created_date": {"$date": {"$numberLong": "1706933106000"}}},
        ImportedAccount(username="ada", created_at=AT),
    ),
    "fastapi-users in CSV": (
        "fastapi-users",
        {
            "id": "1",
            "email": "a@example.test",
            "hashed_password": "",
            "is_active": "f",
            "is_superuser": "true",
            "is_verified": "1",
        },
        ImportedAccount(email="a@example.test", email_verified=True, roles=("admin",), disabled=True),
    ),
    "django": (
        "django",
        {
            "model": "auth.user",
            "pk": 1,
            "fields": {
                "username": "ada",
                "password": "!unusable",
                "email": "ada@example.test",
                "is_superuser": True,
                "is_active": False,
                "first_name": "Ada",
                "last_name": "",
                "date_joined": "2024-02-03T04:05:06",
            },
        },
        ImportedAccount(
            username="ada",
            email="ada@example.test",
            roles=("admin",),
            profile={"first_name": "Ada"},
            created_at=AT,
            disabled=True,
        ),
    ),
    "auth0": (
        "auth0",
        {
            "_id": {"$oid": "65bdb9f2" + "0" * 16},
            "passwordHash": "not-a-hash",
            "identifiers": [{"type": "phone"}, {"type": "email", "value": "ada@example.test", "verified": True}],
            "name": "Ada L",
            "blocked": True,
        },
        ImportedAccount(
            email="ada@example.test",
            email_verified=True,
            password_hash="not-a-hash",
            profile={"full_name": "Ada L"},
            disabled=True,
        ),
    ),
    "keycloak": (
        "keycloak",
        {
            "username": "ada",
            "email": "ada@example.test",
            "emailVerified": True,
            "enabled": False,
            "createdTimestamp": 1706933106000,
            "firstName": "Ada",
            "realmRoles": ["default-roles-shop", "offline_access", "uma_authorization", "editor"],
        },
        ImportedAccount(
            username="ada",
            email="ada@example.test",
            email_verified=True,
            roles=("editor",),
            profile={"first_name": "Ada"},
            created_at=AT,
            disabled=True,
        ),
    ),
    "firebase": (
        "firebase",
        {
            "localId": "1",
            "email": "a@example.test",
            "emailVerified": True,
            "displayName": "Ada",
            "createdAt": "1706933106000",
        },
        ImportedAccount(email="a@example.test", email_verified=True, profile={"full_name": "Ada"}, created_at=AT),
    ),
}


@pytest.mark.parametrize(("name", "document", "expected"), ACCOUNTS.values(), ids=ACCOUNTS)
def test_every_member_of_a_row_is_read(name, document, expected):
    assert read(name, document) == expected
    assert find_format(document) in {name, "jsonl"}


def test_records_of_other_models_in_a_django_dump_are_no_accounts():
    assert read("django", {"model": "auth.group", "pk": 1, "fields": {"name": "editors"}}) is None


@pytest.mark.parametrize("document", [{}, {"a": 1}, {"username": "ada", "colour": "red"}, {"users": []}])
def test_what_is_in_no_format_is_not_guessed(document):
    assert find_format(document) is None


UNREADABLE = {
    "md5": ("auth0", auth0({"algorithm": "md5", "hash": {"value": "ab" * 16}})),
    "no algorithm": ("auth0", auth0({"hash": {"value": "ab" * 16}})),
    "no value": ("auth0", auth0({"algorithm": "bcrypt"})),
    "pbkdf2 cut short": ("auth0", auth0(phc("pbkdf2-sha256", 16))),
    "pbkdf2 malformed": ("auth0", auth0({"algorithm": "pbkdf2", "hash": {"value": "$pbkdf2-md4$i=1$a$b"}})),
    "scrypt of odd cost": ("auth0", auth0({**AUTH0_SCRYPT, "cost": 15})),
    "scrypt without cost": ("auth0", auth0({**AUTH0_SCRYPT, "cost": None})),
    "scrypt in no hex": ("auth0", auth0({**AUTH0_SCRYPT, "hash": {"value": "zz"}})),
    "scrypt in another encoding": ("auth0", auth0({**AUTH0_SCRYPT, "salt": {"value": "x", "encoding": "utf16"}})),
    "Keycloak algorithm": ("keycloak", keycloak("hashed-by-plugin", 1000, derived("sha256", 32))),
    "Keycloak without cost": ("keycloak", keycloak("pbkdf2-sha256", '"many"', derived("sha256", 32))),
    "Keycloak argon2 without parameters": ("keycloak", keycloak("argon2", 5, RAW_ARGON2)),
    "Keycloak without data": (
        "keycloak",
        {"username": "ada", "enabled": True, "credentials": [{"type": "password"}]},
    ),
    "Firebase in no base64": ("firebase", {"localId": "1", "passwordHash": "?", "salt": "?"}),
}


@pytest.mark.parametrize(("name", "document"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_hash_that_cannot_be_converted_is_a_bad_row(name, document):
    with pytest.raises(BadRow, match="has a password hash that cannot be read"):
        read(name, document)


WRONG = [
    ("jsonl", {"username": 7}, "has a username that is no text"),
    ("jsonl", {"username": "ada", "email_verified": "perhaps"}, "has a email_verified that is neither true nor false"),
    ("jsonl", {"username": "ada", "disabled": 2}, "has a disabled that is neither true nor false"),
    ("jsonl", {"username": "ada", "roles": {"admin": 1}}, "has roles that are no list of texts"),
    ("jsonl", {"username": "ada", "roles": [7]}, "has roles that are no list of texts"),
    ("jsonl", {"username": "ada", "profile": "x"}, "has a profile that is no object"),
    ("jsonl", {"username": "ada", "created_at": "yesterday"}, "has a created_at that is no time"),
    ("jsonl", {"username": "ada", "created_at": True}, "has a created_at that is no time"),
    ("jsonl", {"username": "ada", "created_at": 10**18}, "has a created_at that is no time"),
    ("jsonl", {"username": "ada", "colour": "red"}, "has the unknown member colour"),
    ("jsonl", {"username": "ada", "$2b$04$secret": "red"}, "has an unknown member"),
    ("keycloak", {"username": "ada", "credentials": "x"}, "has credentials that are no list of objects"),
    ("django", {"model": "auth.user", "fields": []}, "has a fields that is no object"),
]


@pytest.mark.parametrize(("name", "document", "sentence"), WRONG)
def test_a_value_of_a_wrong_type_is_named_and_not_repeated(name, document, sentence):
    with pytest.raises(BadRow) as refused:
        read(name, document)
    assert str(refused.value) == sentence


NAMES = sorted({name for _, document, _ in ACCOUNTS.values() for name in document} | {"fields", "credentials", "hash"})
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner),
    max_leaves=6,
)


@given(name=st.sampled_from(sorted(TABLE)), document=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5))
def test_reading_only_returns_or_raises_bad_row(name, document):
    find_format(document)
    try:
        account = read(name, document)
    except BadRow:
        return
    assert account is None or isinstance(account, ImportedAccount)
