"""Arrow tables, arrays and scalars as Python values, and in formats of their own."""

from __future__ import annotations

import collections.abc as cabc
import datetime
import decimal
import functools
import importlib
import io
import itertools
import math
import typing as t

from . import formulas as _formulas
from .html_table import TABLE_PAGE
from .records import blank_not_finite
from .records import check_names
from .records import make_records


def list_records(table: t.Any) -> list[dict[str, t.Any]]:
    """Make a dict of each row, of the values that :func:`list_values` gives.

    :param table: a table, or a record batch.
    :raises ValueError: if two columns have the same name.
    """
    names = table.schema.names
    check_names(names)
    return make_records(names, [*map(list_values, table.columns)], table.num_rows)


def list_values(array: t.Any) -> list[t.Any]:
    """List the values of an array, chunked or not, as Python has them.

    Nulls are ``None``, and so are NaN and infinities; structs are dicts, lists are
    lists, and maps are lists of pairs; times are objects of :mod:`datetime`, to the
    microsecond.
    """
    pa: t.Any = importlib.import_module("pyarrow")
    kind = _get_plain_type(pa, array.type)
    if kind != array.type:
        array = array.cast(kind, safe=False)
    values: list[t.Any] = _blank_not_finite(array).to_pylist()
    if pa.types.is_float16(kind):
        # Which are numbers of NumPy in some releases.
        values = [None if value is None else float(value) for value in values]
    has_more = pa.types.is_nested(kind) or pa.types.is_float16(kind)
    return [*map(blank_not_finite, values)] if has_more else values


def get_item(scalar: t.Any) -> t.Any:
    """Make a Python value of a scalar, as :func:`list_values` does."""
    pa: t.Any = importlib.import_module("pyarrow")
    return list_values(pa.repeat(scalar, 1))[0]


def write_csv(
    table: t.Any, formulas: str, is_converted: cabc.Callable[[type], bool]
) -> bytes | None:
    """Write a table, or a record batch, as :func:`pyarrow.csv.write_csv` does.

    :param formulas: what to do with text that a spreadsheet would compute, one of
        ``"escape"``, ``"reject"`` and ``"raw"``.
    :param is_converted: whether a converter of the user's takes values of a type.
    :returns: ``None`` if the rows have to be written one by one, since values are to be
        converted, or have no text in Arrow that says all.
    :raises ValueError: if a formula is refused.
    """
    pa: t.Any = importlib.import_module("pyarrow")
    csv: t.Any = importlib.import_module("pyarrow.csv")
    names = table.schema.names
    kinds = {*map(get_kind, table.schema.types)}
    if object in kinds or any(map(is_converted, kinds - {type(None)})):
        return None
    columns = [*map(_blank_not_finite, table.columns)]
    has_nulls = any(column.null_count for column in columns)
    if has_nulls and (is_converted(type(None)) or len(columns) == 1):
        # Arrow would write an empty line, which readers skip.
        return None
    columns = [*map(_guard, names, columns, itertools.repeat(formulas))]
    names = _formulas.guard_names(names, formulas)
    file = io.BytesIO()
    try:
        csv.write_csv(pa.Table.from_arrays(columns, names=names), file)
    except pa.ArrowException:
        # Some releases write no decimals; some systems know no time zones.
        return None
    return file.getvalue()


def write_parquet(table: t.Any) -> bytes:
    """Write a table, or a record batch."""
    pa: t.Any = importlib.import_module("pyarrow")
    parquet: t.Any = importlib.import_module("pyarrow.parquet")
    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    file = io.BytesIO()
    parquet.write_table(table, file)
    return file.getvalue()


def write_arrow_stream(table: t.Any) -> bytes:
    """Write a table, or a record batch, as a stream of Arrow IPC messages."""
    ipc: t.Any = importlib.import_module("pyarrow.ipc")
    file = io.BytesIO()
    with ipc.new_stream(file, table.schema) as stream:
        stream.write(table)
    return file.getvalue()


def list_representations() -> list[tuple[str, t.Any]]:
    """List what a table can be sent as besides plain data.

    :returns: media types, with the converter or the renderer of each; ``None`` for a
        renderer that asks :func:`write_csv`.
    """
    return [
        ("text/csv", None),
        ("application/vnd.apache.parquet", write_parquet),
        ("application/vnd.apache.arrow.stream", write_arrow_stream),
        ("text/html", TABLE_PAGE),
    ]


@functools.lru_cache(256)
def get_kind(arrow_type: t.Any) -> type:
    """Get the Python type of values that Arrow writes into a CSV file as a text that
    says all; ``object`` for others.
    """
    pa: t.Any = importlib.import_module("pyarrow")
    if pa.types.is_dictionary(arrow_type):
        return get_kind(arrow_type.value_type)
    for is_kind, kind in (
        (pa.types.is_string, str),
        (pa.types.is_large_string, str),
        (pa.types.is_boolean, bool),
        (pa.types.is_integer, int),
        (pa.types.is_float32, float),
        (pa.types.is_float64, float),
        (pa.types.is_decimal, decimal.Decimal),
        (pa.types.is_date, datetime.date),
        (pa.types.is_timestamp, datetime.datetime),
        (pa.types.is_time, datetime.time),
        (pa.types.is_null, type(None)),
    ):
        if is_kind(arrow_type):
            return kind
    return object


def has_formulas(array: t.Any) -> bool:
    """Whether an array, chunked or not, has a text that is a formula."""
    if get_kind(array.type) is not str:
        return False
    pa: t.Any = importlib.import_module("pyarrow")
    compute: t.Any = importlib.import_module("pyarrow.compute")
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    below = compute.less(array, _formulas.LETTERS)
    if not compute.any(below).as_py():
        return False
    # All else is slow, so digits are passed over, too.
    zero, end = _formulas.DIGITS
    is_digit = compute.and_(
        compute.greater_equal(array, zero), compute.less(array, end)
    )
    if not compute.any(compute.and_not(below, is_digit)).as_py():
        return False
    return bool(compute.any(_match_formulas(array)).as_py())


def _match_formulas(array: t.Any) -> t.Any:
    compute: t.Any = importlib.import_module("pyarrow.compute")
    return compute.match_substring_regex(array, pattern=_formulas.PATTERN)


def _guard(name: str, column: t.Any, formulas: str) -> t.Any:
    """Escape the formulas of a column, or refuse them."""
    if formulas == "raw" or not has_formulas(column):
        return column
    pa: t.Any = importlib.import_module("pyarrow")
    compute: t.Any = importlib.import_module("pyarrow.compute")
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if formulas == "reject":
        first = column.filter(_match_formulas(column))[0].as_py()
        _formulas.refuse(f"Column {name!r}", first)
    return compute.replace_substring_regex(
        column, pattern=f"({_formulas.PATTERN})", replacement=r"'\1"
    )


def _blank_not_finite(array: t.Any) -> t.Any:
    """Put null for NaN and infinities."""
    if get_kind(array.type) is not float:
        return array
    pa: t.Any = importlib.import_module("pyarrow")
    compute: t.Any = importlib.import_module("pyarrow.compute")
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    # Which is None if there is nothing, and takes half the time of a look at each.
    if math.isfinite(compute.sum(array).as_py() or 0):
        return array
    is_finite = compute.is_finite(array)
    return compute.if_else(is_finite, array, pa.scalar(None, array.type))


def _get_plain_type(pa: t.Any, kind: t.Any) -> t.Any:
    """Get the type that is read as values of Python, which knows no nanoseconds."""
    types = pa.types
    if types.is_timestamp(kind):
        return pa.timestamp("us", kind.tz) if kind.unit == "ns" else kind
    if types.is_duration(kind):
        return pa.duration("us") if kind.unit == "ns" else kind
    if types.is_time64(kind):
        return pa.time64("us")
    if types.is_dictionary(kind):
        plain = _get_plain_type(pa, kind.value_type)
        return kind if plain == kind.value_type else plain
    return _get_plain_container(pa, kind)


def _get_plain_container(pa: t.Any, kind: t.Any) -> t.Any:
    def make_plain(field: t.Any) -> t.Any:
        return field.with_type(_get_plain_type(pa, field.type))

    types = pa.types
    if types.is_struct(kind):
        return pa.struct([make_plain(kind[i]) for i in range(kind.num_fields)])
    if types.is_map(kind):
        key, item = (
            _get_plain_type(pa, part) for part in (kind.key_type, kind.item_type)
        )
        return pa.map_(key, item)
    if types.is_fixed_size_list(kind):
        return pa.list_(make_plain(kind.value_field), kind.list_size)
    if types.is_large_list(kind):
        return pa.large_list(make_plain(kind.value_field))
    return pa.list_(make_plain(kind.value_field)) if types.is_list(kind) else kind
