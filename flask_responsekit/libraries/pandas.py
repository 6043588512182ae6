"""pandas frames, series and indexes as Python values, and in formats of their own."""

from __future__ import annotations

import collections.abc as cabc
import datetime
import decimal
import functools
import importlib
import importlib.util
import itertools
import math
import operator
import re
import typing as t
import uuid

from . import formulas as _formulas
from . import pyarrow as _pyarrow
from .html_table import TABLE_PAGE
from .numpy import get_item
from .numpy import list_items
from .records import check_names
from .records import make_records

#: What pandas writes into a CSV file as a text that says all.
_WRITTEN: t.Final = frozenset(
    {
        bool,
        datetime.date,
        datetime.datetime,
        datetime.time,
        decimal.Decimal,
        float,
        int,
        str,
        uuid.UUID,
    }
)
#: The types of values by the kind of their dtype.
_KINDS: t.Final[dict[str, type]] = {
    "b": bool,
    "i": int,
    "u": int,
    "f": float,
    "M": datetime.datetime,
}
#: A formula in texts that are joined. A text may also hold what looks like it.
_FORMULA = re.compile("\0[=+\\-@\t\r]")
#: Python 3.10 needs one to write NUL. No text in UTF-8 has this character.
_ESCAPE_CHARACTER = "\udfff"


def list_records(frame: t.Any) -> list[dict[str, t.Any]]:
    """Make a dict of each row, of the values that :func:`list_values` gives.

    The index is left out; call ``frame.reset_index()`` to have it. The names of columns
    are made text; the parts of a name in several levels are joined with ``_``.

    :raises ValueError: if two columns have the same name.
    """
    names = _get_names(frame)
    check_names(names)
    return make_records(names, _list_columns(frame), len(frame))


def list_values(series: t.Any) -> list[t.Any]:
    """List the values of a series or an index as Python has them.

    What is missing is ``None``, and so are NaN and infinities; timestamps and
    timedeltas are objects of :mod:`datetime`, to the microsecond; periods and intervals
    are text; categories are their values. Other objects stay as they are.
    """
    pd: t.Any = importlib.import_module("pandas")
    np: t.Any = importlib.import_module("numpy")
    dtype = series.dtype
    if isinstance(series, pd.MultiIndex):
        levels = map(series.get_level_values, range(series.nlevels))
        return [*map(list, zip(*map(list_values, levels), strict=True))]
    if isinstance(dtype, pd.CategoricalDtype):
        # The code of what is missing is -1.
        values = [*list_values(dtype.categories), None]
        return [values[code] for code in series.array.codes.tolist()]
    if _is_arrow(dtype):
        return _pyarrow.list_values(series.array.__arrow_array__())
    if isinstance(dtype, pd.DatetimeTZDtype):
        return _list_objects(pd, pd.DatetimeIndex(series).to_pydatetime())
    if isinstance(dtype, (np.dtype, pd.SparseDtype)):
        return _list_objects(pd, np.asarray(series))
    return _list_objects(pd, np.asarray(series, dtype=object))


def write_csv(
    frame: t.Any, formulas: str, is_converted: cabc.Callable[[type], bool]
) -> bytes | None:
    """Write a frame, or a series, as ``to_csv`` does, without the index.

    :param formulas: what to do with text that a spreadsheet would compute, one of
        ``"escape"``, ``"reject"`` and ``"raw"``.
    :param is_converted: whether a converter of the user's takes values of a type.
    :returns: ``None`` if the rows have to be written one by one, since values are to be
        converted, or have no text in pandas that says all.
    :raises ValueError: if a formula is refused.
    """
    frame = make_frame(frame)
    names = _get_names(frame)
    columns = [column for _, column in frame.items()]
    prepared = [*map(_blank_infinities, columns)]
    if not all(_can_write(column, is_converted) for column in prepared):
        return None
    prepared = [*map(_guard, names, prepared, itertools.repeat(formulas))]
    written = frame.copy(deep=False)
    for number, column in enumerate(prepared):
        if column is not columns[number]:
            written.isetitem(number, column)
    text: str = written.to_csv(
        index=False,
        header=_formulas.guard_names(names, formulas),
        lineterminator="\r\n",
        escapechar=_ESCAPE_CHARACTER,
    )
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Of which cell it comes is known where rows are written one by one.
        return None


def write_parquet(frame: t.Any) -> bytes:
    """Write a frame, or a series, without the index.

    :raises ValueError: if two columns have the same name.
    """
    frame = make_frame(frame).copy(deep=False)
    names = _get_names(frame)
    check_names(names)
    frame.columns = names
    written: bytes = frame.to_parquet(index=False)
    return written


def list_representations() -> list[tuple[str, t.Any]]:
    """List what a frame or a series can be sent as besides plain data.

    :returns: media types, with the converter or the renderer of each; ``None`` for a
        renderer that asks :func:`write_csv`.
    """
    representations: list[tuple[str, t.Any]]
    representations = [("text/csv", None), ("text/html", TABLE_PAGE)]
    if any(map(importlib.util.find_spec, ("pyarrow", "fastparquet"))):
        representations.insert(1, ("application/vnd.apache.parquet", write_parquet))
    return representations


def make_frame(frame: t.Any) -> t.Any:
    if frame.ndim > 1:
        return frame
    return frame.to_frame(name="value" if frame.name is None else frame.name)


def _get_names(frame: t.Any) -> list[str]:
    return [
        "_".join(filter(None, map(str, label)))
        if isinstance(label, tuple)
        else str(label)
        for label in frame.columns
    ]


def _list_columns(frame: t.Any) -> list[list[t.Any]]:
    return [list_values(column) for _, column in frame.items()]


def _is_arrow(dtype: t.Any) -> bool:
    """Whether values are kept in an Arrow array."""
    return hasattr(dtype, "pyarrow_dtype") or (
        str(getattr(dtype, "storage", None)).startswith("pyarrow")
    )


def _list_objects(pd: t.Any, array: t.Any) -> list[t.Any]:
    values: list[t.Any] = list_items(array)
    openers = {kind: _find_opener(pd, kind) for kind in {*map(type, values)}}
    if not any(openers.values()):
        return values
    return [_apply(openers[type(value)], value) for value in values]


def _apply(opener: cabc.Callable[[t.Any], t.Any] | None, value: t.Any) -> t.Any:
    return value if opener is None else opener(value)


def _find_opener(pd: t.Any, kind: type) -> cabc.Callable[[t.Any], t.Any] | None:
    """What makes a Python value of the objects of pandas or NumPy of a type."""
    for cls, opener in _list_openers(pd):
        if issubclass(kind, cls):
            return opener
    return None


@functools.cache
def _list_openers(pd: t.Any) -> list[tuple[t.Any, cabc.Callable[[t.Any], t.Any]]]:
    np: t.Any = importlib.import_module("numpy")
    return [
        (pd.Timestamp, operator.methodcaller("to_pydatetime", warn=False)),
        (pd.Timedelta, operator.methodcaller("to_pytimedelta")),
        ((pd.Period, pd.Interval), str),
        ((type(pd.NaT), type(pd.NA)), lambda missing: None),
        (decimal.Decimal, lambda number: None if number.is_nan() else number),
        (np.generic, get_item),
    ]


def _can_write(column: t.Any, is_converted: cabc.Callable[[type], bool]) -> bool:
    """Whether pandas is to write the values of a column, and can."""
    kinds = _get_kinds(column)
    if not kinds <= _WRITTEN or any(map(is_converted, kinds)):
        return False
    if is_converted(type(None)) and column.isna().any():
        return False
    if column.dtype.kind != "O" or float not in kinds:
        return True
    # Objects, or categories.
    floats = [value for value in column.tolist() if type(value) is float]
    return not any(map(math.isinf, floats))


def _get_kinds(values: t.Any) -> set[type]:
    """Get the Python types of what is not missing; ``object`` if they are not known.

    :param values: a series, or an index.
    """
    pd: t.Any = importlib.import_module("pandas")
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _get_kinds(dtype.categories)
    if dtype == "object":
        return _simplify(pd, {*map(type, values.tolist())})
    if isinstance(dtype, (pd.StringDtype, pd.PeriodDtype, pd.IntervalDtype)):
        return {str}
    if hasattr(dtype, "pyarrow_dtype"):
        return {_pyarrow.get_kind(dtype.pyarrow_dtype)} - {type(None)}
    if isinstance(dtype, pd.SparseDtype):
        # Of which to_csv of pandas 1.5 warns.
        return {object}
    return {_KINDS.get(dtype.kind, object)}


def _simplify(pd: t.Any, kinds: set[type]) -> set[type]:
    missing = {type(None), type(pd.NaT), type(pd.NA)}
    simpler = {pd.Timestamp: datetime.datetime}
    return {simpler.get(kind, kind) for kind in kinds - missing}


def _blank_infinities(column: t.Any) -> t.Any:
    """Take infinities for missing, as all formats do; NaN is missing in pandas."""
    if column.dtype.kind != "f":
        return column
    infinite = column.abs() == math.inf
    return column.mask(infinite) if infinite.any() else column


def _guard(name: str, column: t.Any, formulas: str) -> t.Any:
    """Escape the formulas of a column, or refuse them.

    :returns: the column itself if it has none.
    """
    if formulas == "raw" or not _has_formulas(column):
        return column
    if formulas == "reject":
        _formulas.refuse(f"Column {name!r}", next(filter(_is_formula, column)))
    return column.astype(object).map(
        lambda value: f"'{value}" if _is_formula(value) else value
    )


def _is_formula(value: object) -> bool:
    return type(value) is str and value.startswith(_formulas.STARTS)


def _has_formulas(column: t.Any) -> bool:
    """Whether a series or an index has a text that is a formula."""
    if hasattr(column.dtype, "categories"):
        return _has_formulas(column.dtype.categories) and any(map(_is_formula, column))
    if _is_arrow(column.dtype):
        return _pyarrow.has_formulas(column.array.__arrow_array__())
    if column.dtype.kind != "O":
        return False
    values = column.tolist()
    try:
        return _find_formula(values)
    except TypeError:
        return _find_formula([value for value in values if type(value) is str])


def _find_formula(texts: list[str]) -> bool:
    # One search in a long text takes less time than a look at each.
    if _FORMULA.search("\0".join(["", *texts])) is None:
        return False
    return any(map(_is_formula, texts))
