"""Hashes that other software wrote: published vectors, damage, and costs that would hold up a worker."""

import base64
import hashlib

import bcrypt
import passlib.hash
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.accounts.any_text import ANY_TEXT, UNHURRIED

from watchword.config import PasswordConfig
from watchword.core.accounts.legacy_hashes import FORMATS, read_legacy_hash
from watchword.core.accounts.passwords import Passwords

RFC_6070 = bytes.fromhex("4b007901b765489abead49d926f721d065a429c1")
"""PBKDF2-HMAC-SHA-1 of "password" and "salt", 4096 iterations."""
RFC_6070_SHA256 = bytes.fromhex("c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a")
"""The same by HMAC-SHA-256."""
RFC_7914 = bytes.fromhex(
    "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
    "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
)
"""scrypt of "password" and "NaCl", N=1024, r=8, p=16."""
FIREBASE_KEY = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
FIREBASE_HASH = "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="
"""The example that Firebase publishes with its library."""


def b64(octets):
    return base64.b64encode(octets).decode()


def ab64(octets):
    return b64(octets).rstrip("=").replace("+", ".")


VECTORS = {
    "bcrypt 2a": ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    "bcrypt 2b": ("U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    "bcrypt 2y": ("U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    "Django bcrypt": ("U*U", "bcrypt$$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    "md5_crypt": ("correct horse", "$1$saltsalt$NuzA7WTAelpl95xgBGWN60"),
    "sha256_crypt": ("Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
    "sha512_crypt": (
        "Hello world!",
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
    ),
    "passlib pbkdf2": ("password", f"$pbkdf2$4096${ab64(b'salt')}${ab64(RFC_6070)}"),
    "passlib pbkdf2-sha256": (
        "password",
        "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M",
    ),
    "passlib pbkdf2-sha512": ("not a secret", passlib.hash.pbkdf2_sha512.using(rounds=10).hash("not a secret")),
    "passlib scrypt": (
        "password",
        f"$scrypt$ln=10,r=8,p=16${b64(b'NaCl').rstrip('=')}${b64(RFC_7914[:32]).rstrip('=')}",
    ),
    "Django pbkdf2_sha1": ("lètmein", "pbkdf2_sha1$20000$seasalt2$pJt86NmjAweBY1StBvxCu7l1o9o="),
    "Django pbkdf2_sha256": ("lètmein", "pbkdf2_sha256$20000$seasalt$oBSd886ysm3AqYun62DOdin8YcfbU1z9cksZSuLP9r0="),
    "Django scrypt": ("password", f"scrypt$1024$NaCl$8$16${b64(RFC_7914)}"),
    "Werkzeug pbkdf2": ("password", f"pbkdf2:sha256:4096$salt${RFC_6070_SHA256.hex()}"),
    "Werkzeug pbkdf2 by SHA-1": ("password", f"pbkdf2:sha1:4096$salt${RFC_6070.hex()}"),
    "Werkzeug scrypt": ("password", f"scrypt:1024:8:16$NaCl${RFC_7914.hex()}"),
    "Firebase": ("user1password", f"firebase-scrypt$14$8$Bw==${FIREBASE_KEY}$42xEC+ixf3L2lw==${FIREBASE_HASH}"),
}


@pytest.fixture(name="passwords", scope="module")
def _passwords():
    return Passwords(PasswordConfig(memory_kib=64, time_cost=1))


@pytest.mark.parametrize(("password", "stored"), VECTORS.values(), ids=VECTORS)
def test_a_published_hash_verifies_and_is_upgraded(passwords, password, stored):
    verdict = passwords.verify(password, stored)
    assert verdict.matches
    assert passwords.verify(password, verdict.upgraded_hash).matches
    assert passwords.recognises(stored)


@pytest.mark.parametrize(("password", "stored"), VECTORS.values(), ids=VECTORS)
def test_another_password_does_not_match(passwords, password, stored):
    for other in (password + "x", password[:-1], "x" + password, ""):
        assert not passwords.verify(other, stored).matches


@pytest.mark.parametrize(("password", "stored"), VECTORS.values(), ids=VECTORS)
def test_a_hash_cut_short_does_not_match(passwords, password, stored):
    for length in (len(stored) // 2, stored.rindex("$") + 1, len(stored) - 8):
        assert not passwords.verify(password, stored[:length]).matches


def test_every_format_has_a_vector():
    hashes = [stored for _, stored in VECTORS.values()]
    untested = {prefix for prefix in FORMATS if not any(stored.startswith(prefix) for stored in hashes)}
    assert {"bcrypt_sha256$"} == untested  # it has a test of its own below


def test_no_prefix_begins_another():
    assert [(one, two) for one in FORMATS for two in FORMATS if one != two and two.startswith(one)] == []


@pytest.mark.parametrize("name", ["argon2id", "argon2i"])
def test_django_argon2_verifies_and_is_upgraded(passwords, name):
    stored = "argon2" + passlib.hash.argon2.using(type=name[6:], rounds=1, memory_cost=64, parallelism=1).hash("x1")
    assert passwords.verify("x1", stored).upgraded_hash.startswith("$argon2id$")
    assert not passwords.verify("x2", stored).matches


def test_bcrypt_takes_the_first_72_octets_as_the_software_that_wrote_it(passwords):
    stored = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"
    password = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored"
    assert passwords.verify(password, stored).matches
    assert not passwords.verify("1" + password[1:], stored).matches


def test_an_upgrade_from_bcrypt_counts_the_whole_password(passwords):
    password = "a" * 72 + "tail"
    stored = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()
    upgraded = passwords.verify(password, stored).upgraded_hash
    assert passwords.verify(password, upgraded).matches
    assert not passwords.verify("a" * 72 + "tale", upgraded).matches


def test_django_bcrypt_sha256_counts_the_whole_password(passwords):
    password = "VSK0UYV6FFQVZ0KG88DYN9WADAADZO1CTSIVDJUNZSUML6IBX7LN7ZS3R5JGB3RGZ7VI7G7DJQ9NI8BQFSRPTG6UWTTVESA5ZPUN"
    digest = hashlib.sha256(password.encode()).hexdigest().encode()
    stored = "bcrypt_sha256$" + bcrypt.hashpw(digest, bcrypt.gensalt(4)).decode()
    assert passwords.verify(password, stored).matches
    assert not passwords.verify(password[:72], stored).matches


SALT, DIGEST = b64(b"salt").rstrip("="), b64(bytes(32)).rstrip("=")
DEAR = {
    "bcrypt": "$2b$17$" + "a" * 53,
    "Django bcrypt": "bcrypt$$2b$31$" + "a" * 53,
    "sha256_crypt": "$5$rounds=1000001$salt$" + "a" * 43,
    "sha512_crypt": "$6$rounds=999999999$salt$" + "a" * 86,
    "passlib pbkdf2": f"$pbkdf2-sha256$5000001${SALT}${DIGEST}",
    "Django pbkdf2": f"pbkdf2_sha256$99999999$salt${DIGEST}=",
    "Werkzeug pbkdf2": "pbkdf2:sha256:5000001$salt$" + "00" * 32,
    "passlib scrypt": f"$scrypt$ln=20,r=8,p=1${SALT}${DIGEST}",
    "passlib scrypt beyond all": f"$scrypt$ln=999999999,r=8,p=1${SALT}${DIGEST}",
    "Django scrypt": f"scrypt$1048576$salt$8$1${DIGEST}=",
    "Werkzeug scrypt": "scrypt:32768:8:99$salt$" + "00" * 32,
    "Firebase": f"firebase-scrypt$20$8$Bw==${DIGEST}=$AAAA${DIGEST}=",
}


@pytest.mark.parametrize("stored", DEAR.values(), ids=DEAR)
def test_a_hash_of_absurd_cost_is_refused_unread(passwords, stored):
    assert not passwords.recognises(stored)
    assert not passwords.verify("x", stored).matches


DAMAGED = [
    *("$1$", "$1$salt$short", "$2b$xx$" + "a" * 53, "$2b$10$short", "$2x$10$" + "a" * 53, "$2b$03$" + "a" * 53 + "\n"),
    *("$5$rounds=$a$" + "a" * 43, "$6$a$b$c", "$6$rounds=-1$a$" + "a" * 86, "bcrypt$", "bcrypt$x", "bcrypt_sha256$$1$"),
    *("$pbkdf2$", "$pbkdf2-sha256$0$c2FsdA$" + DIGEST, "$pbkdf2-sha256$1_0$c2FsdA$" + DIGEST, "$pbkdf2-sha256$1$!$!"),
    *(
        "pbkdf2_sha256$1$salt$",
        "pbkdf2_sha256$\u0661$salt$" + DIGEST + "=",
        "pbkdf2_sha256$1$salt$AAAA",
        "pbkdf2_sha256$1",
    ),
    *("pbkdf2:md5:1$salt$" + "00" * 16, "pbkdf2:sha256:1$salt$", "pbkdf2:sha256:1$salt$zz", "pbkdf2:sha256$salt$00"),
    *("$scrypt$ln=1$a$b", "$scrypt$x$a$b", "$scrypt$ln=4,r=8$a$b", "$scrypt$ln=4,r=8,p=1$AAAA$", "scrypt$", "scrypt:"),
    *(
        "scrypt$16$salt$8$1$",
        "scrypt:16:8:1$salt$",
        "scrypt:16:8$salt$" + "00" * 32,
        "firebase-scrypt$1$2$3",
        "sha1$a$b",
    ),
    *("firebase-scrypt$4$8$Bw==$AAAA$AAAA$" + DIGEST + "=", "md5$a$b", "5f4dcc3b5aa765d61d8327deb882cf99", "password"),
]


@pytest.mark.parametrize("stored", DAMAGED)
def test_a_damaged_or_unknown_hash_matches_nothing(passwords, stored):
    for password in ("", "password", "x"):
        assert not passwords.verify(password, stored).matches


def test_n_that_is_no_power_of_two_is_refused(passwords):
    assert not passwords.verify("x", "scrypt:1000:8:1$salt$" + "00" * 32).matches


@pytest.mark.parametrize("name", ["md5_crypt", "sha256_crypt", "sha512_crypt"])
def test_crypt_takes_passwords_of_256_octets_and_no_longer(passwords, name):
    crypt = getattr(passlib.hash, name)
    short, long = ("a" * length for length in (256, 257))
    settings = {} if name == "md5_crypt" else {"rounds": 1000}
    assert passwords.verify(short, crypt.using(**settings).hash(short)).matches
    assert not passwords.verify(long, crypt.using(**settings).hash(long)).matches


@pytest.mark.parametrize("stored", [stored for _, stored in VECTORS.values()], ids=VECTORS)
@pytest.mark.parametrize("password", ["\x00", "a\x00b", "\ud800", "a" * 4096])
def test_no_password_upsets_a_legacy_format(passwords, password, stored):
    assert not passwords.verify(password, stored).matches


@UNHURRIED
@given(st.sampled_from(sorted(FORMATS)), ANY_TEXT)
def test_reading_only_returns_or_raises_value_error(prefix, rest):
    try:
        check = read_legacy_hash(prefix + rest)
    except ValueError:
        return
    assert callable(check)
