"""An application's own tables and its own Alembic, in the same database."""

import sqlite3
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata, produce_migrations
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, create_engine
from tests.contracts.records import some_user

from watchword.core.account_errors import Conflict
from watchword.ports.identity import Change
from watchword.stores.sql import tables

USER = some_user()


def products(ondelete: str | None) -> MetaData:
    metadata = MetaData()
    owner = Column("owner_id", String, ForeignKey(tables.users.c.id, ondelete=ondelete), nullable=False)
    Table("products", metadata, Column("id", Integer, primary_key=True), owner)
    return metadata


def context_of(connection) -> MigrationContext:
    return MigrationContext.configure(connection, opts={"include_name": tables.is_application_object})


@pytest.fixture
def migrate_products(sqlite_stores, sqlite_url):
    """Do what the application's own Alembic does, and add a product of USER's."""

    def run(metadata: MetaData) -> None:
        engine = create_engine(sqlite_url)
        with engine.begin() as connection:
            context = context_of(connection)
            with Operations.context(context) as operations:
                for operation in produce_migrations(context, metadata).upgrade_ops.ops:
                    operations.invoke(operation)
            assert compare_metadata(context_of(connection), metadata) == []
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
            connection.exec_driver_sql("INSERT INTO products VALUES (1, ?)", (USER.id,))
        engine.dispose()

    return run


def count(url: str) -> int:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return connection.execute("SELECT count(*) FROM products").fetchone()[0]


async def test_rows_that_refer_to_an_account_go_with_it(sqlite_stores, sqlite_url, migrate_products):
    await sqlite_stores.users.add(USER)
    migrate_products(products("CASCADE"))
    assert count(sqlite_url) == 1
    assert await sqlite_stores.users.delete(USER.id) == Change.CHANGED
    assert count(sqlite_url) == 0


async def test_rows_that_hold_an_account_refuse_its_deletion(sqlite_stores, sqlite_url, migrate_products):
    await sqlite_stores.users.add(USER)
    migrate_products(products(None))
    with pytest.raises(Conflict):
        await sqlite_stores.users.delete(USER.id)
    assert await sqlite_stores.users.find(USER.id) == USER
    assert count(sqlite_url) == 1


async def test_the_two_alembics_leave_each_other_alone(sqlite_stores, sqlite_url, migrate_products):
    await sqlite_stores.users.add(USER)
    migrate_products(products("CASCADE"))
    await sqlite_stores.migrate()
    await sqlite_stores.check_schema()
    assert count(sqlite_url) == 1
