"""polars frames and series as Python values, and in formats of their own."""

from __future__ import annotations

import collections.abc as cabc
import csv
import datetime
import decimal
import functools
import io
import math
import operator
import typing as t

from . import formulas as _formulas
from .html_table import TABLE_PAGE
from .records import blank_not_finite
from .records import make_records

#: The Python types of what polars writes into a CSV file as a text that says all, by
#: the name of the dtype. Integers and floats have many.
_KINDS: t.Final[dict[str, type]] = {
    "Boolean": bool,
    "Categorical": str,
    "Date": datetime.date,
    "Datetime": datetime.datetime,
    "Decimal": decimal.Decimal,
    "Enum": str,
    "Null": type(None),
    "String": str,
    "Time": datetime.time,
}


def list_records(frame: t.Any) -> list[dict[str, t.Any]]:
    """Make a dict of each row, of the values that :func:`list_values` gives."""
    return make_records(frame.columns, _list_columns(frame), frame.height)


def list_values(series: t.Any) -> list[t.Any]:
    """List the values of a series as Python has them.

    Nulls are ``None``, and so are NaN and infinities; structs are dicts, lists and
    arrays are lists; times are objects of :mod:`datetime`, to the microsecond; other
    objects stay as they are.
    """
    values: list[t.Any] = _blank_not_finite(series).to_list()
    return [*map(blank_not_finite, values)] if series.dtype.is_nested() else values


def write_csv(
    frame: t.Any, formulas: str, is_converted: cabc.Callable[[type], bool]
) -> bytes | None:
    """Write a frame, or a series, as :meth:`polars.DataFrame.write_csv` does.

    :param formulas: what to do with text that a spreadsheet would compute, one of
        ``"escape"``, ``"reject"`` and ``"raw"``.
    :param is_converted: whether a converter of the user's takes values of a type.
    :returns: ``None`` if the rows have to be written one by one, since values are to be
        converted, or have no text in polars that says all.
    :raises ValueError: if a formula is refused.
    """
    frame = make_frame(frame)
    kinds = {*map(_get_kind, frame.dtypes)}
    if object in kinds or any(map(is_converted, kinds - {type(None)})):
        return None
    frame = _replace(frame, _blank_not_finite)
    if is_converted(type(None)) and _has_nulls(frame):
        return None
    names = _formulas.guard_names(frame.columns, formulas)
    frame = _replace(frame, functools.partial(_guard, formulas))
    file = io.BytesIO()
    has_own_names = names == frame.columns
    if not has_own_names:
        # An escaped name may be that of another column, which no frame has twice.
        file.write(_write_header(names))
    frame.write_csv(
        file,
        line_terminator="\r\n",
        include_header=has_own_names,
        # Readers skip empty lines.
        null_value='""' if len(names) == 1 else None,
    )
    return file.getvalue()


def write_parquet(frame: t.Any) -> bytes:
    """Write a frame, or a series."""
    file = io.BytesIO()
    make_frame(frame).write_parquet(file)
    return file.getvalue()


def list_representations() -> list[tuple[str, t.Any]]:
    """List what a frame or a series can be sent as besides plain data.

    :returns: media types, with the converter or the renderer of each; ``None`` for a
        renderer that asks :func:`write_csv`.
    """
    return [
        ("text/csv", None),
        ("application/vnd.apache.parquet", write_parquet),
        ("text/html", TABLE_PAGE),
    ]


def make_frame(frame: t.Any) -> t.Any:
    return frame if len(frame.shape) > 1 else frame.to_frame(frame.name or "value")


def _list_columns(frame: t.Any) -> list[list[t.Any]]:
    return [*map(list_values, frame.get_columns())]


def _get_kind(dtype: t.Any) -> type:
    """Get the Python type of values; ``object`` if polars writes no CSV of them."""
    if dtype.is_integer():
        return int
    if dtype.is_float():
        return float
    return _KINDS.get(dtype.base_type().__name__, object)


def _blank_not_finite(series: t.Any) -> t.Any:
    """Put null for NaN and infinities."""
    if not series.dtype.is_float():
        return series
    if math.isfinite(series.sum()):
        # Which takes a tenth of the time of a look at each.
        return series
    return series.set(~series.is_finite(), None)


def _has_nulls(frame: t.Any) -> bool:
    return any(column.null_count() for column in frame.get_columns())


def _replace(frame: t.Any, prepare: cabc.Callable[[t.Any], t.Any]) -> t.Any:
    """Make another frame of one, but only if there is something to do."""
    columns = frame.get_columns()
    prepared = [*map(prepare, columns)]
    is_same = all(map(operator.is_, prepared, columns))
    return frame if is_same else frame.with_columns(prepared)


def _guard(formulas: str, column: t.Any) -> t.Any:
    """Escape the formulas of a column, or refuse them.

    :returns: the column itself if it has none.
    """
    if formulas == "raw" or _get_kind(column.dtype) is not str:
        return column
    texts = column.cast(str)
    if not _may_have_formulas(texts):
        return column
    is_formula = texts.str.contains(_formulas.PATTERN)
    if not is_formula.any():
        return column
    if formulas == "reject":
        _formulas.refuse(f"Column {column.name!r}", texts.filter(is_formula)[0])
    return texts.str.replace(_formulas.PATTERN, "'${0}")


def _may_have_formulas(texts: t.Any) -> bool:
    """Whether there is a text that might be one: quickly, and never wrong if not."""
    below = texts < _formulas.LETTERS
    if not below.any():
        return False
    zero, end = _formulas.DIGITS
    return bool((below & ((texts < zero) | (texts >= end))).any())


def _write_header(names: cabc.Sequence[str]) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file).writerow(names)
    return file.getvalue().encode()
