"""Authorizations: logins at the hosted pages, codes, device grants, consents, resources; more about clients."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WORD = sa.String().with_variant(sa.String(collation="C"), "postgresql")
STATUS = sa.Enum("pending", "approved", "denied", "redeemed", name="devicestatus", native_enum=False, length=16)


def upgrade() -> None:
    """Make the tables and add columns that have a default, so that the version before can go on beside it.

    The tables in use come last: they are locked from then to the commit.
    """
    _make_browser_sessions()
    _make_codes()
    _make_device_grants()
    _make_the_small_tables()
    _extend_clients_and_sessions()


def _make_browser_sessions() -> None:
    op.create_table(
        "watchword_browser_sessions",
        sa.Column("user_id", WORD, nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("auth_time", sa.BigInteger(), nullable=False),
        sa.Column("amr", sa.Text(), nullable=False),
        sa.Column("acr", WORD),
        sa.Column("user_agent", WORD, nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("user_id", "id", name="pk_watchword_browser_sessions"),
    )
    op.create_index("ix_watchword_browser_sessions_expires_at", "watchword_browser_sessions", ["expires_at"])


def _make_codes() -> None:
    op.create_table(
        "watchword_authorization_codes",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", WORD, nullable=False),
        sa.Column("user_id", WORD, nullable=False),
        sa.Column("session_id", WORD, nullable=False),
        sa.Column("redirect_uri", WORD, nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("auth_time", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("browser_id", WORD),
        sa.Column("redirect_uri_given", sa.Boolean(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("code_challenge", WORD),
        sa.Column("nonce", WORD),
        sa.Column("acr", WORD),
        sa.Column("amr", sa.Text(), nullable=False),
        sa.Column("claims", sa.Text(), nullable=False),
        sa.Column("cnf", WORD),
        sa.Column("redeemed_at", sa.BigInteger()),
        sa.Column("reused_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("code_hash", name="pk_watchword_authorization_codes"),
    )
    op.create_index("ix_watchword_authorization_codes_expires_at", "watchword_authorization_codes", ["expires_at"])


def _make_device_grants() -> None:
    op.create_table(
        "watchword_device_grants",
        sa.Column("device_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", WORD, nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("interval", sa.BigInteger(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("polled_at", sa.BigInteger()),
        sa.Column("status", STATUS, nullable=False),
        sa.Column("user_id", WORD),
        sa.Column("session_id", WORD),
        sa.Column("browser_id", WORD),
        sa.Column("auth_time", sa.BigInteger()),
        sa.Column("amr", sa.Text(), nullable=False),
        sa.Column("acr", WORD),
        sa.PrimaryKeyConstraint("device_hash", name="pk_watchword_device_grants"),
        sa.UniqueConstraint("user_code_hash", name="uq_watchword_device_grants_user_code_hash"),
    )
    op.create_index("ix_watchword_device_grants_expires_at", "watchword_device_grants", ["expires_at"])


def _make_the_small_tables() -> None:
    op.create_table(
        "watchword_consents",
        sa.Column("user_id", WORD, nullable=False),
        sa.Column("client_id", WORD, nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("resources", sa.Text(), nullable=False),
        sa.Column("claims", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "client_id", name="pk_watchword_consents"),
    )
    op.create_table(
        "watchword_resources",
        sa.Column("uri", WORD, nullable=False),
        sa.Column("name", WORD, nullable=False),
        sa.Column("scopes", sa.Text()),
        sa.Column("access_ttl", sa.BigInteger()),
        sa.PrimaryKeyConstraint("uri", name="pk_watchword_resources"),
    )
    op.create_table(
        "watchword_used_once",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_watchword_used_once"),
    )
    op.create_index("ix_watchword_used_once_expires_at", "watchword_used_once", ["expires_at"])


def _extend_clients_and_sessions() -> None:
    for column in (
        sa.Column("metadata", sa.Text(), nullable=False, server_default="{}"),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("dynamic", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("registration_hash", sa.LargeBinary()),
        sa.Column("secret_salts", sa.Text(), nullable=False, server_default="[]"),
    ):
        op.add_column("watchword_clients", column)
    op.add_column("watchword_sessions", sa.Column("browser_id", WORD))
    op.add_column("watchword_sessions", sa.Column("acr", WORD))
