"""An index of sessions by their login at the hosted pages. Sessions may be many: see `Database.make_index`."""

from alembic import context
from sqlalchemy import Column, Index, MetaData, Table

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index, beside traffic where the database can."""
    sessions = Table("watchword_sessions", MetaData(), Column("user_id"), Column("browser_id"))
    index = Index("ix_watchword_sessions_user_id_browser_id", sessions.c.user_id, sessions.c.browser_id)
    context.config.attributes["make_index"](index)
