"""How tables, columns and constraints are named, and where all tables are registered."""

from enum import StrEnum

from sqlalchemy import Enum, MetaData

PREFIX = "watchword_"
VERSION_TABLE = "watchword_schema"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def word_of(kind: type[StrEnum]) -> Enum:
    """Return the type of a column that holds one of some words."""
    return Enum(kind, native_enum=False, length=16, values_callable=lambda members: [str(m) for m in members])
