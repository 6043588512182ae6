"""Many values to plain data, quickly if they are alike.

What is done with one value after the other takes a call for each. Values of one type
are done together instead, and rows by columns.
"""

from __future__ import annotations

import collections.abc as cabc
import itertools
import typing as t

from .conversion import convert_alike
from .conversion import is_data
from .typing import PLAIN_TYPES

if t.TYPE_CHECKING:
    from .plain import Plain
    from .registration import Registration

#: From how many values on it pays to look at what they have in common.
MANY: t.Final = 8

Many: t.TypeAlias = cabc.Sequence[t.Any]


def walk_many(plain: Plain, values: Many, *, shares: bool) -> Many:
    """Make plain data of each of many values.

    :param plain: makes plain data of one.
    :param shares: what is made is read only, so it may be in part what there was.
    :return: the values themselves if they are plain already.
    """
    kinds = {*map(type, values)}
    if kinds <= plain.kept:
        return values
    made: Many | None = None
    if len(kinds) == 1:
        (kind,) = kinds
        if kind is dict:
            made = _walk_dicts(plain, values, shares)
        elif kind is list or kind is tuple:
            made = _walk_lists(plain, kind, values, shares)
        else:
            made = _walk_alike(plain, kind, values, shares)
    return [*map(plain.walk, values)] if made is None else made


def _walk_lists(
    plain: Plain, kind: type, lists: cabc.Sequence[Many], shares: bool
) -> Many | None:
    if not {*map(type, itertools.chain.from_iterable(lists))} <= plain.kept:
        return None
    return lists if shares and kind is list else [*map(list, lists)]


def _walk_dicts(
    plain: Plain, dicts: cabc.Sequence[dict[t.Any, t.Any]], shares: bool
) -> Many | None:
    shapes = {*map(tuple, dicts)}
    if {*map(type, itertools.chain.from_iterable(shapes))} != {str}:
        return None
    if len(shapes) == 1:
        (names,) = shapes
        return walk_columns(plain, names, dicts, shares)
    cells = itertools.chain.from_iterable(map(dict.values, dicts))
    if not {*map(type, cells)} <= plain.kept:
        return None
    return dicts if shares else [*map(dict.copy, dicts)]


def walk_columns(
    plain: Plain,
    names: tuple[str, ...],
    dicts: cabc.Sequence[dict[str, t.Any]],
    shares: bool,
) -> Many:
    """Make plain data of dicts that have these keys, in this order."""
    changed = []
    columns = zip(*map(dict.values, dicts), strict=True)
    for name, cells in zip(names, columns, strict=True):
        made = walk_many(plain, cells, shares=shares)
        if made is not cells:
            changed.append((name, made))
    if shares and not changed:
        return dicts
    rows = [*map(dict.copy, dicts)]
    for name, made in changed:
        for row, cell in zip(rows, made, strict=True):
            row[name] = cell
    return rows


def _walk_alike(plain: Plain, kind: type, values: Many, shares: bool) -> Many | None:
    attributes = plain.find_attributes(kind)
    if attributes is not None:
        return plain.walk_attributes(attributes, values, shares)
    step = plain.find_step(kind)
    if step is not None:
        results = [*map(step, values)]
        # It may be what it was, as far as its type can tell.
        is_done = {*map(type, results)} == {kind}
        return results if is_done else walk_many(plain, results, shares=shares)
    registration = plain.converters.lookup(kind)
    if registration is None or not _is_taken_whole(plain, registration):
        return None
    results = convert_alike(values, registration)
    kinds = {*map(type, results)}
    if not all(map(is_data, kinds)) or any(map(plain.is_converted, kinds)):
        # In a chain of converters, a loop is to be noticed.
        return None
    return walk_many(plain, results, shares=shares)


def _is_taken_whole(plain: Plain, registration: Registration) -> bool:
    """Whether a converter of the user's takes values, wherever they stand."""
    return plain.converters.is_own(registration) and registration.key not in PLAIN_TYPES
