"""Statements of SQLAlchemy made ready once, and run by SQLite's driver itself from then on.

SQLAlchemy's way from a statement to its rows costs several times what SQLite needs for them. What it finds out on that
way is the same each time: the SQL, the order of the parameters, and how values of each type go in and come out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Executable, SelectBase, UpdateBase
from sqlalchemy.sql.compiler import ExpandedState, SQLCompiler

Convert = Callable[[Any], Any]


class SqliteRow:
    """A row as those of SQLAlchemy are: `row.name`, `row[place]`, and all of it by name as `row._mapping`."""

    __slots__ = ("_mapping",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._mapping = values

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        try:
            return self._mapping[name]
        except KeyError:
            raise AttributeError(name) from None

    def __getitem__(self, place: int) -> Any:  # noqa: ANN401
        return tuple(self._mapping.values())[place]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A compiled statement. `binds` names its parameters in their order; a converter has the place that it is for.

    `constants` are parameters that the statement itself holds. `names` are those of the columns; of SQL that was
    written by hand none are known. `expand` writes out the lists among the parameters of a statement that has such.
    """

    sql: str
    binds: tuple[str, ...]
    constants: Mapping[str, Any]
    into: tuple[tuple[int, Convert], ...]
    names: tuple[str, ...]
    out: tuple[tuple[int, Convert], ...]
    expand: Callable[[Mapping[str, Any]], ExpandedState] | None = None

    def question(self, values: Mapping[str, Any]) -> tuple[str, Sequence[Any]]:
        """Return the SQL and its parameters in order.

        Raises:
            KeyError: one has no value.
            ValueError, TypeError: a value cannot be stored.
        """
        return (self.sql, self.parameters(values)) if self.expand is None else self._expanded(self.expand(values))

    def parameters(self, values: Mapping[str, Any]) -> list[Any]:
        """Return the parameters in order, as the driver takes them. Raises as `question`."""
        given = {**self.constants, **values} if self.constants else values
        parameters = [given[name] for name in self.binds]
        for place, convert in self.into:
            parameters[place] = convert(parameters[place])
        return parameters

    def rows(self, found: Iterable[Sequence[Any]], description: Sequence[Sequence[Any]]) -> list[SqliteRow]:
        """Return what the driver found as rows. `description` is that of its cursor."""
        names = self.names or [column[0] for column in description]
        return [SqliteRow(dict(zip(names, self._converted(row), strict=True))) for row in found]

    def _converted(self, row: Sequence[Any]) -> Sequence[Any]:
        if not self.out:
            return row
        values = list(row)
        for place, convert in self.out:
            values[place] = convert(values[place])
        return values

    def _expanded(self, state: ExpandedState) -> tuple[str, Sequence[Any]]:
        converters = {self.binds[place]: convert for place, convert in self.into} | dict(state.processors)
        names = state.positiontup or ()
        given = state.parameters
        return state.statement, [converters[name](given[name]) if name in converters else given[name] for name in names]


def prepare(statement: Executable, given: Iterable[str], dialect: Dialect) -> Prepared:
    """Compile a statement for values of these names; an INSERT sets just those of its columns.

    Raises:
        TypeError: it is no statement with parameters, or has values that SQLAlchemy would make at each execution.
    """
    compiled = statement.compile(dialect=dialect, column_keys=list(given))  # type: ignore[attr-defined]
    if not isinstance(compiled, SQLCompiler) or compiled.insert_prefetch or compiled.update_prefetch:
        raise TypeError(f"cannot be prepared: {type(statement).__name__}")
    types = [compiled.binds[name].type.dialect_impl(dialect) for name in compiled.positiontup or ()]
    shown = _columns(statement)
    return Prepared(
        sql=compiled.string,
        binds=tuple(compiled.positiontup or ()),
        constants={name: bind.value for name, bind in compiled.binds.items() if not bind.required},
        into=_placed(type_.bind_processor(dialect) for type_ in types),
        names=tuple(shown),
        out=_placed(column.type.dialect_impl(dialect).result_processor(dialect, None) for column in shown.values()),
        expand=compiled.construct_expanded_state if compiled.post_compile_params else None,
    )


def _columns(statement: Executable) -> Mapping[Any, ColumnElement[Any]]:
    """Return what a SELECT selects and what other statements return; nothing is known of SQL written by hand."""
    if isinstance(statement, UpdateBase):  # a copy, for what is asked is remembered in it and goes wrong in others
        return dict(statement.returning().exported_columns.items())
    return dict(statement.selected_columns.items()) if isinstance(statement, SelectBase) else {}


def _placed(converters: Iterable[Convert | None]) -> tuple[tuple[int, Convert], ...]:
    return tuple((place, convert) for place, convert in enumerate(converters) if convert is not None)
