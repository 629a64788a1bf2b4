"""The schema: made by `migrate`, checked at start, and what is said where it is another."""

import asyncio
import subprocess
import sys

import pytest

from watchword.core.errors import ConfigError
from watchword.stores.mongo import open_mongo
from watchword.stores.mongo.connection import LOCAL
from watchword.stores.mongo.indexes import INDEXES
from watchword.stores.mongo.schema import SCHEMA, VERSION
from watchword.stores.open import open_stores


async def set_version(connection, version):
    await connection.collection("schema", LOCAL).update_one({"_id": SCHEMA}, {"$set": {"version": version}})


async def test_an_unmigrated_database_is_refused_with_what_to_do(mongo_url):
    stores = open_mongo(mongo_url)
    with pytest.raises(ConfigError, match="Run `watchword migrate`"):
        await stores.check_schema()
    await stores.migrate()
    await stores.check_schema()
    await stores.close()


async def test_an_older_schema_is_migrated(stores, connection):
    await set_version(connection, VERSION - 1)
    with pytest.raises(ConfigError, match="older schema"):
        await stores.check_schema()
    await stores.migrate()
    await stores.check_schema()


async def test_a_newer_schema_is_refused_and_left_alone(stores, connection):
    await set_version(connection, VERSION + 1)
    for refused in (stores.check_schema, stores.migrate):
        with pytest.raises(ConfigError, match="newer version of Watchword"):
            await refused()
    assert (await connection.collection("schema", LOCAL).find_one({}))["version"] == VERSION + 1


async def test_migrate_may_be_run_again_and_at_once(stores, connection):
    await asyncio.gather(*(stores.migrate() for _ in range(4)))
    for name, indexes in INDEXES.items():
        made = await connection.collection(name, LOCAL).index_information()
        wanted = {index.document["name"]: bool(index.document.get("unique")) for index in indexes}
        found = {
            field: bool(index.get("unique")) for index in made.values() for field, _ in index["key"] if field != "_id"
        }
        assert found == wanted


@pytest.mark.parametrize("module", ["watchword", "watchword.stores.open", "watchword.stores.sql"])
def test_the_driver_is_imported_only_where_it_is_needed(module):
    code = f"import sys; sys.path[:] = {sys.path!r}; import {module}; assert 'pymongo' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_missing_driver_is_named_with_its_extra(monkeypatch):
    for name in [name for name in sys.modules if name.startswith(("pymongo", "watchword.stores.mongo"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pymongo", None)
    with pytest.raises(ConfigError, match=r'pip install "watchword\[mongo\]"') as refusal:
        open_stores("mongodb://user:canary@host/db")
    assert "canary" not in str(refusal.value)
