"""NumPy arrays and scalars as Python values."""

from __future__ import annotations

import collections.abc as cabc
import importlib
import math
import typing as t

from .records import make_records

#: Units of time that are finer than those of Python.
_FINE_UNITS: t.Final = frozenset({"ns", "ps", "fs", "as"})


def list_items(array: t.Any) -> t.Any:
    """Make nested lists of an array, or a scalar of an array without dimensions.

    Structured elements are dicts by field. Masked elements, NaT, NaN and infinities are
    ``None``. Times are objects of :mod:`datetime`, to the microsecond, or text as NumPy
    writes it where Python has none, such as the year 10000 or a timedelta in months.

    :param array: an array, masked or not. Objects in it stay as they are.
    """
    if array.dtype.names is not None:
        return _list_records(array)
    np: t.Any = importlib.import_module("numpy")
    data = np.ma.getdata(array, subok=False)
    read = _READERS.get(data.dtype.kind)
    if read is not None:
        data = read(np, data)
    return _blank(data, np.ma.getmask(array)).tolist()


def get_item(scalar: t.Any) -> t.Any:
    """Make a Python value of a scalar, as :func:`list_items` does."""
    if isinstance(scalar, (str, bytes)):
        # An array pads text, so it would lose NUL at the end.
        return scalar[:]
    np: t.Any = importlib.import_module("numpy")
    return list_items(np.asarray(scalar))


def _list_records(array: t.Any) -> t.Any:
    if array.ndim == 0:
        return _list_records(array.reshape(1))[0]
    if array.ndim > 1:
        return [*map(_list_records, array)]
    names = array.dtype.names
    return make_records(names, [list_items(array[name]) for name in names], len(array))


def _blank(data: t.Any, missing: t.Any) -> t.Any:
    """Put ``None`` for what is missing."""
    if not missing.any():
        return data
    objects = data.astype(object)
    objects[missing] = None
    return objects


def _read_floats(np: t.Any, data: t.Any) -> t.Any:
    if data.dtype.itemsize > 8:
        with np.errstate(over="ignore"):
            data = data.astype("f8")
    return _blank(data, ~np.isfinite(data))


def _read_complex(np: t.Any, data: t.Any) -> t.Any:
    with np.errstate(over="ignore"):
        return data.astype("c16", copy=False)


def _read_times(np: t.Any, data: t.Any) -> t.Any:
    unit, _ = np.datetime_data(data.dtype)
    if unit in _FINE_UNITS:
        data = data.astype(f"{data.dtype.kind}8[us]")
    objects = data.astype(object)
    if int in {*map(type, objects.flat)}:
        for index, value in np.ndenumerate(objects):
            if type(value) is int:
                objects[index] = str(data[index])
    return objects


def _read_objects(np: t.Any, data: t.Any) -> t.Any:
    objects = data.astype(object)
    if not any(issubclass(kind, float) for kind in {*map(type, objects.flat)}):
        return objects
    missing = np.frompyfunc(_is_not_finite, 1, 1)(objects)
    return _blank(objects, np.asarray(missing, dtype=bool))


def _is_not_finite(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


#: What reads elements that are not simply those of Python, by the kind of their dtype.
_READERS: dict[str, cabc.Callable[[t.Any, t.Any], t.Any]] = {
    "f": _read_floats,
    "c": _read_complex,
    "m": _read_times,
    "M": _read_times,
    "O": _read_objects,
    # Texts of any length, since NumPy 2. What is missing is an object of any type.
    "T": _read_objects,
}
