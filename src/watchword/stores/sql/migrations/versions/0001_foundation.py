"""The tables of the foundation: accounts, roles, invitations, sessions, refresh families, revocations, signing keys."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WORD = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make every table."""
    _accounts()
    _logins()
    _revocations()
    _signing_keys()


def _accounts() -> None:
    op.create_table(
        "watchword_users",
        sa.Column("id", WORD, nullable=False),
        sa.Column("username", WORD, nullable=False),
        sa.Column("username_key", WORD, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("email", WORD),
        sa.Column("email_key", WORD),
        sa.Column("email_verified", sa.Boolean(), nullable=False),
        sa.Column("password_hash", WORD),
        sa.Column("disabled_at", sa.BigInteger()),
        sa.Column("credential_version", sa.Integer(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watchword_users"),
        *_unique_keys(),
    )
    _roles()
    op.create_table(
        "watchword_invites",
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("redeemed_at", sa.BigInteger()),
        sa.Column("redeemed_by", WORD),
        sa.PrimaryKeyConstraint("secret_hash", name="pk_watchword_invites"),
    )


def _unique_keys() -> list[sa.UniqueConstraint]:
    """Make them so that a taken username is found first: SQLite checks what was made last first."""
    keys = ["email_key", "username_key"]
    if op.get_bind().dialect.name == "postgresql":
        keys.reverse()
    return [sa.UniqueConstraint(key, name=f"uq_watchword_users_{key}") for key in keys]


def _roles() -> None:
    op.create_table(
        "watchword_roles",
        sa.Column("name", WORD, nullable=False),
        sa.Column("permissions", sa.Text(), nullable=False),
        sa.Column("description", WORD, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_watchword_roles"),
    )
    op.create_table(
        "watchword_user_roles",
        sa.Column("user_id", WORD, nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["watchword_users.id"], name="fk_watchword_user_roles_user_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["role"], ["watchword_roles.name"], name="fk_watchword_user_roles_role", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "role", name="pk_watchword_user_roles"),
    )
    op.create_index("ix_watchword_user_roles_role", "watchword_user_roles", ["role"])


def _logins() -> None:
    op.create_table(
        "watchword_sessions",
        sa.Column("user_id", WORD, nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("client_id", WORD, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("auth_time", sa.BigInteger(), nullable=False),
        sa.Column("amr", sa.Text(), nullable=False),
        sa.Column("user_agent", WORD, nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("user_id", "id", name="pk_watchword_sessions"),
    )
    op.create_index("ix_watchword_sessions_expires_at", "watchword_sessions", ["expires_at"])
    _families()


def _families() -> None:
    name = "watchword_refresh_families"
    op.create_table(
        name,
        sa.Column("user_id", WORD, nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("session_id", WORD, nullable=False),
        sa.Column("client_id", WORD, nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("idle_expires_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("rotated_at", sa.BigInteger()),
        sa.Column("rotated_scopes", sa.Text()),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("cnf", WORD),
        sa.Column("status", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "id", name=f"pk_{name}"),
    )
    op.create_index(f"ix_{name}_user_id_session_id", name, ["user_id", "session_id"])
    op.create_index(f"ix_{name}_expires_at", name, ["expires_at"])


def _revocations() -> None:
    op.create_table(
        "watchword_revocations",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", WORD, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_watchword_revocations"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_watchword_revocations_expires_at", "watchword_revocations", ["expires_at"])


def _signing_keys() -> None:
    op.create_table(
        "watchword_signing_keys",
        sa.Column("kid", WORD, nullable=False),
        sa.Column("algorithm", WORD, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("sealed_private_jwk", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("signs_from", sa.BigInteger(), nullable=False),
        sa.Column("public_jwk", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("kid", name="pk_watchword_signing_keys"),
        sa.UniqueConstraint("generation", name="uq_watchword_signing_keys_generation"),
    )
