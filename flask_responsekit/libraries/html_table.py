"""Plain data as a page with a table."""

from __future__ import annotations

import collections.abc as cabc
import itertools
import json
import typing as t

from markupsafe import escape

_NUMBERS: t.Final = frozenset({int, float})
_write_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
_STYLE = """\
table { border-collapse: collapse; font-family: sans-serif }
th, td { border-bottom: 1px solid #ccc; padding: .2em .6em; text-align: left }
td { white-space: pre-wrap }
"""


class TablePage:
    """Writes a list as an HTML document with a table, with all text escaped.

    The keys of a list of dicts are its columns, in order of appearance; any other list
    is one column. Cells that hold data are JSON.

    >>> page = TablePage().render([{"id": 1, "tags": ["<b>"]}])
    >>> print(page.decode().splitlines()[-3])
    <tr><td>1</td><td>[&#34;&lt;b&gt;&#34;]</td></tr>
    """

    name = "html"
    mimetype = "text/html"

    def render(self, value: t.Any) -> bytes:
        """Write plain data.

        :raises ValueError: if a text cannot be written, or a number that JSON does not
            have.
        """
        rows = value if isinstance(value, list) else [value]
        if {*map(type, rows)} <= {dict}:
            names = [*dict.fromkeys(itertools.chain.from_iterable(rows))]
            columns = [[row.get(name) for row in rows] for name in names]
        else:
            names, columns = ["value"], [rows]
        return _write_page(names, columns, len(rows)).encode()


#: Keeps nothing, so that one is enough.
TABLE_PAGE: t.Final = TablePage()


def _write_page(
    names: list[str], columns: cabc.Sequence[list[t.Any]], count: int
) -> str:
    """Write columns as a document.

    :param count: the number of rows, which no column says if there is none.
    """
    cells = [[f"<td>{_write_cell(value)}</td>" for value in one] for one in columns]
    rows: cabc.Iterable[tuple[str, ...]]
    rows = zip(*cells, strict=True) if cells else itertools.repeat((), count)
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


def _write_cell(value: t.Any) -> str:
    if value is None:
        return ""
    return escape(value if type(value) is str else _write_json(value))
