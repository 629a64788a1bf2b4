"""The rules for a new password (NIST SP 800-63B-4 section 3.1.1.2): length, nothing common, no composition rules."""

import unicodedata
from collections.abc import Sequence
from typing import Protocol

from watchword.core.account_errors import WeakPassword
from watchword.core.accounts.common_passwords import is_common, is_predictable, is_wordplay

LONGEST_PASSWORD = 4096
"""Code points that are ever normalised or hashed, whatever a policy says."""


class PasswordPolicy(Protocol):
    """What the rules ask of the configuration: `config.PasswordConfig` has it. Lengths are in code points."""

    @property
    def min_length(self) -> int:
        """The shortest acceptable password."""

    @property
    def max_length(self) -> int:
        """The longest acceptable password."""

    @property
    def context_words(self) -> tuple[str, ...]:
        """Words of this service that a password may not be made of."""


def normalise_password(text: str) -> str:
    """Return the password in NFKC, so that it is the same typed on any keyboard. Never raises.

    Text of more than `LONGEST_PASSWORD` code points comes back unchanged: `check_password` refuses it and no hash
    matches it, so normalising it would be work for nothing.
    """
    return text if len(text) > LONGEST_PASSWORD else unicodedata.normalize("NFKC", text)


def check_password(text: str, *, policy: PasswordPolicy, context: Sequence[str]) -> str:
    """Return the normalised password if it may be used.

    Args:
        text: the password as typed.
        policy: lengths in code points, and the words of the service.
        context: more words that attackers will try: the username, the e-mail address, the issuer's host name.

    Raises:
        WeakPassword: with a sentence that says what to do and does not repeat the password.
    """
    password = normalise_password(text)
    _check_length(password, policy)
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in password):
        raise WeakPassword("Leave control characters out of the password.")
    if is_predictable(password):
        raise WeakPassword("Choose a password that is not a repetition, a sequence or a row of keys.")
    if is_wordplay(password, (*policy.context_words, *context)):
        raise WeakPassword("Choose a password that is not made of your name, your address or the name of this service.")
    if is_common(password):
        raise WeakPassword("Choose a password that is not on the lists of common passwords.")
    return password


def _check_length(password: str, policy: PasswordPolicy) -> None:
    longest = min(policy.max_length, LONGEST_PASSWORD)
    if len(password) < policy.min_length:
        raise WeakPassword(f"Choose a password of at least {policy.min_length} characters.")
    if len(password) > longest:
        raise WeakPassword(f"Choose a password of at most {longest} characters.")
