from __future__ import annotations

import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_responsekit.libraries.numpy import get_item
from flask_responsekit.libraries.numpy import list_items

NAN = float("nan")
INFINITY = float("inf")
DAY = datetime.datetime(2024, 1, 2)
#: The least integer, which stands for NaT.
NAT = np.iinfo("i8").min

POINT = np.dtype(
    [("x", "i4"), ("y", "f4", (2,)), ("at", "M8[ns]"), ("in", [("n", "U3")])]
)
points = np.zeros(2, POINT)
points["y"] = [[NAN, 1]]


class Image(np.ndarray):
    def tolist(self):
        raise NotImplementedError


def make_text_dtype(**options):
    """That of texts of any length, or of objects before NumPy 2."""
    dtypes = getattr(np, "dtypes", None)
    return dtypes.StringDType(**options) if hasattr(dtypes, "StringDType") else object


def make_point(y):
    return {"x": 0, "y": y, "at": datetime.datetime(1970, 1, 1), "in": {"n": ""}}


POINTS = [make_point([None, 1.0]), make_point([None, 1.0])]
masked_points = np.ma.array(
    [(1, 2.0), (3, 4.0)], mask=[(0, 1), (0, 0)], dtype=[("x", int), ("y", float)]
)


def show(value):
    """Tell values apart that are equal, but of other types."""
    return repr(value)


# Arrays


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        pytest.param(np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]], id="int"),
        pytest.param(np.array([2**64 - 1], "u8"), [2**64 - 1], id="unsigned"),
        pytest.param(np.array([True, False]), [True, False], id="bool"),
        pytest.param(np.array(["a", "bc"]), ["a", "bc"], id="text"),
        pytest.param(np.array([b"a"]), [b"a"], id="bytes"),
        pytest.param(np.array([1.5, 2]), [1.5, 2.0], id="float"),
        pytest.param(np.array([1.5], "f2"), [1.5], id="half"),
        pytest.param(np.array([1.5], np.longdouble), [1.5], id="long-double"),
        pytest.param(np.array([1 + 2j]), [1 + 2j], id="complex"),
        pytest.param(np.array([1j], np.clongdouble), [1j], id="long-complex"),
        pytest.param(np.zeros((0, 3)), [], id="empty"),
        pytest.param(np.zeros((2, 0)), [[], []], id="empty-rows"),
        pytest.param(np.array([[1, 2]]).view(Image), [[1, 2]], id="subclass"),
        pytest.param(np.array(5), 5, id="no-dimensions"),
        pytest.param(np.array([b"ab"], "V2"), [b"ab"], id="raw"),
    ],
)
def test_elements_become_values_of_python(array, expected):
    assert show(list_items(array)) == show(expected)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        pytest.param(np.array([1.5, NAN]), [1.5, None], id="nan"),
        pytest.param(np.array([[INFINITY], [-INFINITY]]), [[None], [None]], id="inf"),
        pytest.param(np.array([NAN, 1], "f2"), [None, 1.0], id="half"),
        pytest.param(
            np.array([np.finfo(np.longdouble).max, 1]), [None, 1.0], id="too-great"
        ),
        pytest.param(np.array(NAN), None, id="no-dimensions"),
        pytest.param(np.array([NAN, "a", 1], object), [None, "a", 1], id="object"),
        pytest.param(np.array(NAN, object), None, id="object-no-dimensions"),
        pytest.param(np.array(["NaT"], "M8[ns]"), [None], id="no-time"),
        pytest.param(np.array(["NaT"], "m8[s]"), [None], id="no-timedelta"),
        pytest.param(np.ma.array([1, 2], mask=[0, 1]), [1, None], id="mask"),
        pytest.param(
            np.ma.array([[1.5, NAN]], mask=[[1, 0]]), [[None, None]], id="nan-and-mask"
        ),
        pytest.param(np.ma.array([DAY], "M8[s]", mask=[1]), [None], id="masked-time"),
        pytest.param(np.ma.array([1]), [1], id="empty-mask"),
        pytest.param(np.ma.masked, None, id="masked"),
    ],
)
def test_what_is_missing_is_none(array, expected):
    assert show(list_items(array)) == show(expected)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        pytest.param(points, POINTS, id="nested"),
        pytest.param(points.reshape(1, 2), [POINTS], id="rows"),
        pytest.param(points[:1].reshape(()), POINTS[0], id="no-dimensions"),
        pytest.param(np.zeros(2, []), [{}, {}], id="no-fields"),
        pytest.param(
            np.rec.array([(1, "a")], names="x,y"), [{"x": 1, "y": "a"}], id="record"
        ),
        pytest.param(
            masked_points, [{"x": 1, "y": None}, {"x": 3, "y": 4.0}], id="masked"
        ),
        pytest.param(masked_points[0], {"x": 1, "y": None}, id="masked-record"),
    ],
)
def test_structured_elements_become_dicts_by_field(array, expected):
    assert show(list_items(array)) == show(expected)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        pytest.param("Y", datetime.date(1971, 1, 1), id="Y"),
        pytest.param("M", datetime.date(1970, 2, 1), id="M"),
        pytest.param("D", datetime.date(1970, 1, 2), id="D"),
        pytest.param("h", datetime.datetime(1970, 1, 1, 1), id="h"),
        pytest.param("25s", datetime.datetime(1970, 1, 1, 0, 0, 25), id="25s"),
        pytest.param("us", datetime.datetime(1970, 1, 1, 0, 0, 0, 1), id="us"),
        pytest.param("ns", datetime.datetime(1970, 1, 1), id="ns"),
        pytest.param("as", datetime.datetime(1970, 1, 1), id="as"),
    ],
)
def test_times_become_objects_of_datetime(unit, expected):
    array = np.array([1, NAT]).astype(f"M8[{unit}]")
    assert show(list_items(array)) == show([expected, None])


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        pytest.param("D", datetime.timedelta(1), id="D"),
        pytest.param("us", datetime.timedelta(microseconds=1), id="us"),
        pytest.param("ns", datetime.timedelta(), id="ns"),
    ],
)
def test_timedeltas_become_objects_of_datetime(unit, expected):
    array = np.array([1, NAT]).astype(f"m8[{unit}]")
    assert show(list_items(array)) == show([expected, None])


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        pytest.param(
            np.array(["12024-01-02", "2024-01-02"], "M8[D]"),
            ["12024-01-02", DAY.date()],
            id="late",
        ),
        pytest.param(np.array([["-0004-01"]], "M8[M]"), [["-004-01"]], id="early"),
        pytest.param(np.array("12024", "M8[Y]"), "12024", id="no-dimensions"),
        pytest.param(np.array([5], "m8[M]"), ["5 months"], id="months"),
        pytest.param(np.array([10**9], "m8[D]"), ["1000000000 days"], id="long"),
    ],
)
def test_times_that_python_has_not_become_text_and_no_integers(array, expected):
    assert list_items(array) == expected


def test_objects_stay_as_they_are():
    objects = [[NAN], {"a": 1}, np.array([1]), np.float32(NAN), object(), 1.5]
    array = np.empty(len(objects), object)
    array[:] = objects
    assert all(map(lambda one, other: one is other, list_items(array), objects))


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        pytest.param({}, [], id="none-missing"),
        pytest.param({"na_object": None}, [None], id="none"),
        pytest.param({"na_object": NAN}, [NAN], id="nan"),
    ],
)
def test_texts_of_any_length_become_text(options, missing):
    array = np.array(["a", *missing], make_text_dtype(**options))
    assert list_items(array) == ["a", *(None for _ in missing)]


def test_array_is_not_changed():
    array = np.array([NAN, 1.0])
    list_items(array)
    assert np.isnan(array[0])


# Scalars


@pytest.mark.parametrize(
    ("scalar", "expected"),
    [
        pytest.param(np.int8(1), 1, id="int"),
        pytest.param(np.bool_(True), True, id="bool"),
        pytest.param(np.float32(1.5), 1.5, id="float"),
        pytest.param(np.float64(NAN), None, id="nan"),
        pytest.param(np.longdouble(1.5), 1.5, id="long-double"),
        pytest.param(np.complex64(1j), 1j, id="complex"),
        pytest.param(np.str_("a\0"), "a\0", id="text"),
        pytest.param(np.bytes_(b"a\0"), b"a\0", id="bytes"),
        pytest.param(np.datetime64("2024-01-02", "ns"), DAY, id="time"),
        pytest.param(np.datetime64("2024-01-02"), DAY.date(), id="date"),
        pytest.param(np.datetime64("NaT", "s"), None, id="no-time"),
        pytest.param(np.timedelta64(1, "D"), datetime.timedelta(1), id="timedelta"),
        pytest.param(np.void(b"ab"), b"ab", id="raw"),
        pytest.param(points[0], POINTS[0], id="record"),
    ],
)
def test_scalar_becomes_a_value_of_python(scalar, expected):
    assert show(get_item(scalar)) == show(expected)


# Laws


@given(st.lists(st.lists(st.floats(), min_size=2, max_size=2)))
def test_items_are_those_of_tolist_if_they_are_finite(rows):
    array = np.array(rows, float).reshape(-1, 2)
    expected = [[x if np.isfinite(x) else None for x in row] for row in array.tolist()]
    assert list_items(array) == expected


@given(st.lists(st.datetimes()), st.sampled_from(["us", "ns"]))
def test_times_survive(times, unit):
    limits = (datetime.datetime(1700, 1, 1), datetime.datetime(2200, 1, 1))
    times = [time for time in times if unit == "us" or limits[0] < time < limits[1]]
    assert list_items(np.array(times, f"M8[{unit}]")) == times
