"""Columns of Python values, turned into records."""

from __future__ import annotations

import collections.abc as cabc
import itertools
import math
import typing as t


def make_records(
    names: cabc.Sequence[str], columns: cabc.Sequence[list[t.Any]], count: int
) -> list[dict[str, t.Any]]:
    """Turn columns round.

    >>> make_records(["id", "note"], [[1, 2], ["a", None]], 2)
    [{'id': 1, 'note': 'a'}, {'id': 2, 'note': None}]

    :param count: the number of records, which no column says if there is none.
    """
    rows: cabc.Iterable[tuple[t.Any, ...]]
    rows = zip(*columns, strict=True) if columns else itertools.repeat((), count)
    return [dict(zip(names, row, strict=True)) for row in rows]


def check_names(names: cabc.Sequence[str]) -> None:
    """Refuse columns that would hide others.

    :raises ValueError: if two columns have the same name.
    """
    seen = set()
    for name in names:
        if name in seen:
            raise ValueError(
                f"Two columns are named {name!r}, and a record has each name once."
                " Rename one of them."
            )
        seen.add(name)


def blank_not_finite(value: t.Any) -> t.Any:
    """Put ``None`` for each number that is none, or not finite, which no JSON has
    (RFC 8259, section 6).

    >>> blank_not_finite([1.5, {"x": float("nan")}])
    [1.5, {'x': None}]

    :param value: a scalar, or lists, tuples and dicts of such.
    """
    kind = type(value)
    if kind is float:
        return value if math.isfinite(value) else None
    if kind is list or kind is tuple:
        return [blank_not_finite(item) for item in value]
    if kind is dict:
        return {key: blank_not_finite(item) for key, item in value.items()}
    return value
