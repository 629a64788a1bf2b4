"""Registered clients."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORD = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table. Nothing that was there before changes, so the version before can go on beside it."""
    op.create_table(
        "watchword_clients",
        sa.Column("id", WORD, nullable=False),
        sa.Column("name", WORD, nullable=False),
        sa.Column("secret_hashes", sa.Text(), nullable=False),
        sa.Column("grants", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text()),
        sa.Column("first_party", sa.Boolean(), nullable=False),
        sa.Column("may_introspect", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_watchword_clients"),
    )
