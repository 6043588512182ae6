"""Columns of Python values as a page with a table."""

from __future__ import annotations

import collections.abc as cabc
import datetime
import decimal
import json
import typing as t
import uuid

from markupsafe import escape

_NUMBERS: t.Final = frozenset({int, float, decimal.Decimal})
#: What is shown by its ``str``, which tells nothing else about it.
_SHOWN: t.Final = _NUMBERS | {
    bool,
    complex,
    datetime.date,
    datetime.datetime,
    datetime.time,
    datetime.timedelta,
    str,
    uuid.UUID,
}
_STYLE = """\
table { border-collapse: collapse; font-family: sans-serif }
th, td { border-bottom: 1px solid #ccc; padding: .2em .6em; text-align: left }
td { white-space: pre-wrap }
"""


def write_page(
    names: cabc.Sequence[str],
    columns: cabc.Sequence[list[t.Any]],
    count: int,
    open_value: cabc.Callable[[t.Any], object],
) -> str:
    """Write a table as an HTML document, with all text escaped.

    :param count: the number of rows.
    :param open_value: makes something simpler of an object in a cell, or raises
        :exc:`TypeError`. The ``repr`` of an object is never shown: it may tell what is
        private.
    """
    cells = [
        _write_column(name, column, open_value)
        for name, column in zip(names, columns, strict=True)
    ]
    rows = zip(*cells, strict=True) if cells else [()] * count
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(f"<tr>{''.join(row)}</tr>\n" for row in rows)
    return (
        "<!doctype html>\n"
        "<meta charset=utf-8>\n"
        "<title>Table</title>\n"
        f"<style>\n{_STYLE}{_align(columns)}</style>\n"
        "<table>\n"
        f"<thead>\n<tr>{head}</tr>\n</thead>\n"
        f"<tbody>\n{body}</tbody>\n"
        "</table>\n"
    )


def _align(columns: cabc.Sequence[list[t.Any]]) -> str:
    """Write the rule that aligns the columns of numbers."""
    cells = [
        f"td:nth-child({number})"
        for number, column in enumerate(columns, 1)
        if {*map(type, column)} - {type(None)} <= _NUMBERS
    ]
    return f"{', '.join(cells)} {{ text-align: right }}\n" if cells else ""


def _write_column(
    name: str, column: list[t.Any], open_value: cabc.Callable[[t.Any], object]
) -> list[str]:
    try:
        return [f"<td>{_write_cell(value, open_value)}</td>" for value in column]
    except TypeError as error:
        raise TypeError(f"Column {name!r}: {error}") from error


def _write_cell(value: t.Any, open_value: cabc.Callable[[t.Any], object]) -> str:
    if value is None:
        return ""
    if type(value) in _SHOWN:
        return escape(str(value))

    def write_item(item: t.Any) -> object:
        return str(item) if type(item) in _SHOWN else open_value(item)

    return escape(json.dumps(value, default=write_item, ensure_ascii=False))


def refuse(value: object) -> t.NoReturn:
    """Refuse an object that has no text.

    :raises TypeError: always.
    """
    raise TypeError(
        f"{type(value).__qualname__} objects have no text that a table could show. Make"
        " text of them, or leave the column out."
    )
