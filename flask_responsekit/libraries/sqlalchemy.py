"""SQLAlchemy rows, and what to say about results and mapped objects."""

from __future__ import annotations

import sys
import typing as t


def to_dict(row: t.Any) -> dict[str, object]:
    """Make a dict of a row, by the names of its columns.

    :param row: a :class:`sqlalchemy.engine.Row` or
        :class:`~sqlalchemy.engine.RowMapping`.
    :raises ValueError: if columns have the same name.
    """
    # By position: by name is slower, and old releases do not find a column that was
    # selected twice. The type is asked, since columns may have any name.
    if hasattr(type(row), "_fields"):
        names, values = row._fields, row
    else:
        names, values = row.keys(), row.values()
    # A name may be an instance of a subclass of str, which says how it is quoted.
    record = dict(zip(map(str, names), values, strict=True))
    if len(record) != len(row):
        _refuse([*map(str, names)])
    return record


def refuse_result(result: object) -> t.NoReturn:
    """Refuse what gives the rows of a query once.

    :raises TypeError: always.
    """
    raise TypeError(
        f"A {type(result).__qualname__} gives its rows once, and only as long as its"
        " connection is there. Return result.all(), or kit.stream(result)."
    )


def _refuse(names: list[str]) -> t.NoReturn:
    name = next(name for name in names if names.count(name) > 1)
    raise ValueError(
        f"The row has more than one column named {name!r}, and one would hide the"
        ' others. Label them: column.label("...")'
    )


def make_error_message(cls: type) -> str | None:
    """Say what to do about an object that the ORM maps; ``None`` if it maps none.

    SQLAlchemy is not imported, since no class is mapped before it is.
    """
    orm = sys.modules.get("sqlalchemy.orm")
    mapper = getattr(cls, "__mapper__", None)
    if not isinstance(mapper, getattr(orm, "Mapper", ())):
        return None
    name = cls.__qualname__
    return (
        f"{name} is mapped by SQLAlchemy, and it is not guessed which of its columns"
        " and relationships are public, or are to be loaded. Register a converter:"
        f' kit.add_converter({name}, lambda value: {{"id": value.id, ...}}); or select'
        f" columns, as in select({name}.id, {name}.name), and return the rows."
    )
