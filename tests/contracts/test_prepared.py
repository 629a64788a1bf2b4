"""Prepared statements of SQLite: the same values in and out as SQLAlchemy's own way, whatever they are."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from tests.contracts.records import NOW

from watchword.core.errors import StoreUnavailable
from watchword.core.models.grants import FamilyStatus
from watchword.stores.sql import sqlite_transactions
from watchword.stores.sql.columns import Digests, Document, Names, NameSet, Time
from watchword.stores.sql.prepared import SqliteRow, prepare
from watchword.stores.sql.sqlite_transactions import Connections
from watchword.stores.sql.tables import families
from watchword.stores.sql.transactions import ConstraintBroken

metadata = MetaData()
THINGS = Table(
    "things",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, unique=True),
    Column("blob", LargeBinary),
    Column("at", Time),
    Column("document", Document),
    Column("names", Names),
    Column("name_set", NameSet),
    Column("digests", Digests),
    Column("flag", families.c.status.type),
)
ADD = insert(THINGS)
ALL = select(THINGS).order_by(THINGS.c.id)
BY_NAME = select(THINGS.c.id).where(THINGS.c.name == bindparam("by_name"))
AMONG = select(THINGS.c.name).where(THINGS.c.name.in_(bindparam("names", expanding=True))).order_by(THINGS.c.name)
AMONG_TIMES = select(THINGS.c.name).where(THINGS.c.at.in_(bindparam("times", expanding=True)))
RENAME = update(THINGS).where(THINGS.c.id == bindparam("by_id")).values(name=bindparam("new_name"))
FULL = {
    "name": "Ada \U0001f512",
    "blob": b"\x00\xff'\"",
    "at": NOW,
    "document": {"a": [1, None, "\ud800"]},
    "names": ("b", "a"),
    "name_set": frozenset({"b", "a"}),
    "digests": (b"\x01" * 32, b""),
    "flag": FamilyStatus.REVOKED,
}
EMPTY = dict.fromkeys(FULL)


@pytest.fixture
def engine(tmp_path):
    path = str(tmp_path / "prepared.db")
    made = create_engine(f"sqlite:///{path}", creator=lambda: connect(path))
    metadata.create_all(made)
    yield made
    made.dispose()


def connect(path):
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)


@pytest.fixture
def connections(engine):
    opened = Connections(engine)
    yield opened
    opened.close()


def commit(connections, work):
    (answer,) = connections.commit([work])
    return answer


@pytest.mark.parametrize("values", [FULL, EMPTY])
def test_values_come_back_as_they_went_in(connections, values):
    commit(connections, lambda transaction: transaction.run(ADD, values))
    row = connections.look(lambda transaction: transaction.first(ALL, {}))
    assert dict(row._mapping) == {"id": 1, **values}
    assert (row.id, row.name, row[1]) == (1, values["name"], values["name"])


@given(
    name=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    blob=st.none() | st.binary(),
    at=st.none() | st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=123_000)),
    names=st.none() | st.lists(st.text(), max_size=3).map(tuple),
)
def test_sqlalchemys_own_way_reads_what_was_written_and_writes_what_is_read(name, blob, at, names):
    engine = create_engine("sqlite://", creator=lambda: connect(":memory:"))
    with closing(engine.connect()) as connection:
        metadata.create_all(connection)
        transaction = sqlite_transactions.SqliteTransaction(connection, {})
        values = {
            "name": name,
            "blob": blob,
            "at": at,
            "names": names,
            "name_set": None if names is None else frozenset(names),
        }
        transaction.run(ADD, values)
        (ours,), (theirs,) = transaction.all(ALL, {}), connection.execute(ALL).all()
        assert dict(ours._mapping) == dict(theirs._mapping) == {**dict.fromkeys(THINGS.c.keys()), "id": 1, **values}
        connection.execute(ADD, values | {"name": None})
        assert dict(transaction.all(ALL, {})[1]._mapping) == {**dict(ours._mapping), "id": 2, "name": None}
    engine.dispose()


def test_an_insert_sets_just_what_it_is_given(connections):
    commit(connections, lambda transaction: transaction.run(ADD, {"name": "a"}))
    commit(connections, lambda transaction: transaction.run(ADD, {"id": 7, "name": "b"}))
    rows = connections.look(lambda transaction: transaction.all(ALL, {}))
    assert [(row.id, row.name, row.blob) for row in rows] == [(1, "a", None), (7, "b", None)]


def test_a_name_that_only_one_of_several_rows_has_is_the_callers_mistake(connections):
    with pytest.raises(KeyError):
        commit(connections, lambda transaction: transaction.run(ADD, [{"name": "a", "at": NOW}, {"name": "b"}]))
    assert connections.look(lambda transaction: transaction.all(ALL, {})) == []


def test_several_rows_are_added_by_one_call(connections):
    commit(connections, lambda transaction: transaction.run(ADD, [{"name": name, "at": NOW} for name in "abc"]))
    commit(connections, lambda transaction: transaction.run(ADD, []))
    rows = connections.look(lambda transaction: transaction.all(ALL, {}))
    assert [(row.name, row.at) for row in rows] == [(name, NOW) for name in "abc"]


def test_what_was_changed_is_counted(connections):
    commit(connections, lambda transaction: transaction.run(ADD, [{"name": name} for name in "abc"]))
    assert commit(connections, lambda transaction: transaction.count(RENAME, {"by_id": 1, "new_name": "z"})) == 1
    assert commit(connections, lambda transaction: transaction.count(RENAME, {"by_id": 9, "new_name": "y"})) == 0
    assert commit(connections, lambda transaction: transaction.count(delete(THINGS), {})) == 3


def test_what_a_statement_returns_is_its_row(connections):
    commit(connections, lambda transaction: transaction.run(ADD, [{"name": "a", "at": NOW}]))
    statement = RENAME.returning(THINGS.c.name, THINGS.c.at)
    row = commit(connections, lambda transaction: transaction.first(statement, {"by_id": 1, "new_name": "b"}))
    assert dict(row._mapping) == {"name": "b", "at": NOW}
    assert commit(connections, lambda transaction: transaction.first(statement, {"by_id": 2, "new_name": "c"})) is None
    commit(connections, lambda transaction: transaction.run(statement, {"by_id": 1, "new_name": "d"}))
    assert [row.name for row in connections.look(lambda transaction: transaction.all(ALL, {}))] == ["d"]


@pytest.mark.parametrize("wanted", [[], ["a"], ["a", "c", "x"], ["a", "b", "c"]])
def test_lists_among_the_parameters_are_written_out(connections, wanted):
    commit(connections, lambda transaction: transaction.run(ADD, [{"name": name} for name in "abc"]))
    rows = connections.look(lambda transaction: transaction.all(AMONG, {"names": wanted}))
    assert [row.name for row in rows] == sorted({*wanted} & {*"abc"})


def test_lists_hold_values_of_any_type(connections):
    commit(connections, lambda transaction: transaction.run(ADD, [{"name": "a", "at": NOW}, {"name": "b", "at": None}]))
    other = datetime(2000, 1, 1, tzinfo=UTC)
    assert [row.name for row in connections.look(lambda t: t.all(AMONG_TIMES, {"times": [other, NOW]}))] == ["a"]
    assert connections.look(lambda transaction: transaction.all(AMONG_TIMES, {"times": [other]})) == []


def test_constants_of_a_statement_are_converted_too(connections):
    commit(connections, lambda transaction: transaction.run(ADD, FULL))
    for wanted, expected in ((FamilyStatus.REVOKED, 1), (FamilyStatus.ACTIVE, 0)):
        statement = select(func.count().label("found")).where(THINGS.c.flag == wanted, THINGS.c.at == NOW)
        assert connections.look(lambda transaction, it=statement: transaction.first(it, {})).found == expected


def test_sql_written_by_hand_is_named_by_the_database(connections):
    row = connections.look(lambda transaction: transaction.first(text("SELECT :x AS a, 2 AS b"), {"x": 1}))
    assert (row.a, row.b, list(row._mapping)) == (1, 2, ["a", "b"])
    with pytest.raises(AttributeError):
        row.c  # noqa: B018


@pytest.mark.parametrize("value", ["\ud800", 10**30])
def test_a_value_that_no_row_can_hold_finds_none_and_is_not_stored(connections, value):
    commit(connections, lambda transaction: transaction.run(ADD, {"name": "a"}))
    assert connections.look(lambda transaction: transaction.first(BY_NAME, {"by_name": value})) is None
    assert list(connections.look(lambda transaction: transaction.all(BY_NAME, {"by_name": value}))) == []
    gone = delete(THINGS).where(THINGS.c.name == bindparam("by_name"))
    assert commit(connections, lambda transaction: transaction.count(gone, {"by_name": value})) == 0
    with pytest.raises((UnicodeEncodeError, OverflowError)):
        commit(connections, lambda transaction: transaction.run(ADD, {"name": value}))
    assert connections.look(lambda transaction: transaction.first(BY_NAME, {"by_name": "a"})) is not None


def test_a_value_of_the_wrong_type_is_the_callers_mistake(connections):
    with pytest.raises(ValueError, match="aware"):
        commit(connections, lambda transaction: transaction.run(ADD, {"at": datetime(2000, 1, 1)}))  # noqa: DTZ001
    with pytest.raises(TypeError):
        commit(connections, lambda transaction: transaction.run(ADD, {"document": {"x": object()}}))
    with pytest.raises(KeyError):
        connections.look(lambda transaction: transaction.first(BY_NAME, {}))


def test_what_raises_undoes_all_that_was_to_be_committed_together(connections):
    commit(connections, lambda transaction: transaction.run(ADD, {"name": "a"}))
    with pytest.raises(ConstraintBroken, match=r"things\.name"):
        connections.commit([lambda t: t.run(ADD, {"name": "b"}), lambda t: t.run(ADD, {"name": "a"})])
    assert [row.name for row in connections.look(lambda transaction: transaction.all(ALL, {}))] == ["a"]


def test_a_connection_that_cannot_undo_is_closed_and_nothing_of_it_stays(connections):
    def refuse(action, name, *_):
        wrong = action == sqlite3.SQLITE_TRANSACTION and name in ("COMMIT", "ROLLBACK")
        return sqlite3.SQLITE_DENY if wrong else sqlite3.SQLITE_OK

    def work(transaction):
        transaction.run(ADD, {"name": "a"})
        transaction.driver.set_authorizer(refuse)

    for _ in range(20):  # more than the pool has connections
        with pytest.raises(StoreUnavailable, match="not authorized"):
            connections.commit([work])
    assert connections.look(lambda transaction: transaction.all(ALL, {})) == []
    commit(connections, lambda transaction: transaction.run(ADD, {"name": "b"}))
    assert [row.name for row in connections.look(lambda transaction: transaction.all(ALL, {}))] == ["b"]


def test_sqlalchemy_writes_in_the_same_transaction(connections):
    def work(transaction):
        transaction.connection.execute(ADD, {"name": "a"})
        transaction.run(ADD, {"name": "b"})
        return [row.name for row in transaction.connection.execute(ALL)]

    assert commit(connections, work) == ["a", "b"]
    with pytest.raises(ConstraintBroken):
        connections.commit([work])
    assert [row.name for row in connections.look(lambda transaction: transaction.all(ALL, {}))] == ["a", "b"]


def test_a_statement_is_compiled_once_for_the_same_names(connections, monkeypatch):
    compiled = []

    def counted(statement, *others):
        compiled.append(statement)
        return prepare(statement, *others)

    monkeypatch.setattr(sqlite_transactions, "prepare", counted)
    for name in "abc":
        commit(connections, lambda transaction, name=name: transaction.run(ADD, {"name": name}))
    assert compiled == [ADD]


def test_statements_that_are_made_anew_each_time_are_not_kept_for_ever(connections, monkeypatch):
    monkeypatch.setattr(sqlite_transactions, "MOST_PREPARED", 3)
    for number in range(10):
        statement = text(f"SELECT {number} AS n")
        assert connections.look(lambda transaction, it=statement: transaction.first(it, {})).n == number
        assert len(connections._prepared) <= 3


def test_what_sqlalchemy_makes_at_each_execution_cannot_be_prepared(engine):
    counted = Table("counted", MetaData(), Column("id", Integer, primary_key=True), Column("n", Integer, default=int))
    with pytest.raises(TypeError, match="cannot be prepared"):
        prepare(insert(counted), ["id"], engine.dialect)
    assert prepare(insert(counted), ["id", "n"], engine.dialect).binds == ("id", "n")


def test_a_row_has_its_columns_and_nothing_else():
    row = SqliteRow({"a": 1})
    assert (row.a, row[0], getattr(row, "b", None)) == (1, 1, None)
