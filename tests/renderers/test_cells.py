from __future__ import annotations

import contextlib
import decimal
import enum
import fractions
import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_responsekit import ConverterRegistry
from flask_responsekit.converters import BUILT_IN
from flask_responsekit.plain import Plain
from flask_responsekit.renderers.cells import CellWriter
from flask_responsekit.renderers.cells import FORMULAS_MODES
from flask_responsekit.renderers.json_rows import find_quick_encoder


class Level(enum.IntEnum):
    LOW = -1


class Color(str, enum.Enum):
    RED = "=red"


class Count(int):
    pass


@contextlib.contextmanager
def without_msgspec():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "msgspec", None)
        find_quick_encoder.cache_clear()
        yield
    find_quick_encoder.cache_clear()


@pytest.fixture(params=[True, False], ids=["msgspec", "json"])
def is_quick(request):
    """With the quicker encoder, and without."""
    with contextlib.nullcontext() if request.param else without_msgspec():
        yield request.param


def make_plain_of_all():
    converters = ConverterRegistry(BUILT_IN)
    converters.add(fractions.Fraction, str)
    return Plain(converters, text_keys=True)


to_plain = make_plain_of_all()


def write(cell, formulas="escape"):
    return CellWriter(to_plain, formulas).write(cell, to_plain(cell))


def write_column(cells, formulas="escape"):
    return [*CellWriter(to_plain, formulas).write_column(cells)]


def attempt(function, *arguments):
    try:
        return function(*arguments)
    except ValueError as error:
        return str(error)


# Columns

FORMULA_STARTS = ["=", "+", "-", "@", "\t", "\r"]
texts = st.text() | st.builds(str.__add__, st.sampled_from(FORMULA_STARTS), st.text())
numbers = st.decimals() | st.fractions() | st.sampled_from([*Level, Count(-2)])
KINDS = [
    *(st.none(), st.booleans(), st.integers(), st.floats(), texts, numbers),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False).map(lambda number: math.ldexp(number, -1060)),
    st.text("abc\ud800", max_size=2),
    st.lists(st.integers() | st.floats() | st.text(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.none(), max_size=2),
    st.sampled_from(Color),
]
one_kind = st.sampled_from(KINDS)
columns = one_kind.flatmap(st.lists) | st.lists(st.one_of(KINDS))
with_gaps = st.builds(st.one_of, one_kind, st.just(st.none())).flatmap(st.lists)


@given(columns | with_gaps, st.sampled_from(FORMULAS_MODES))
def test_column_is_written_as_each_of_its_cells_is(cells, formulas):
    expected = attempt(lambda: [write(cell, formulas) for cell in cells])
    for context in (contextlib.nullcontext, without_msgspec):
        with context():
            found = attempt(write_column, cells, formulas)
        if isinstance(expected, str) and found == [cell or "" for cell in cells]:
            # It is refused where the lines are encoded.
            with pytest.raises(UnicodeEncodeError):
                "".join(found).encode()
        else:
            assert found == expected


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_floats_are_written_as_python_writes_them(numbers):
    assert write_column(numbers) == [*map(repr, numbers)]
    assert [*map(write, numbers)] == [*map(repr, numbers)]


@pytest.mark.parametrize(
    "number",
    [
        *(0.0, -0.0, 0.1, 1e-4, 1.5e-4, 9.9e-5, 1e-5, 1e-7, 5e-324, -2.5e-308, 1e15),
        *(1e16, 9007199254740993.0, 123456789012345680.0, 1e17, 1e21, 1e22, 1e100),
        *(1.7976931348623157e308, 10.00001, 0.30000000000000004, 2.0**63, -1e16),
    ],
)
def test_number_far_from_one_is_written_as_python_writes_it(number, is_quick):
    assert write_column([number, 0.5]) == [repr(number), "0.5"]


@pytest.mark.parametrize(
    ("cells", "written"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([None, None], ["", ""], id="None"),
        pytest.param([True, False], ["true", "false"], id="bool"),
        pytest.param([1, -(2**70)], ["1", str(-(2**70))], id="int"),
        pytest.param(["a", ""], ["a", ""], id="text"),
        pytest.param(["a", "=b"], ["a", "'=b"], id="formula"),
        pytest.param(
            [1, True, None, 1.0, "1"], ["1", "true", "", "1.0", "1"], id="mix"
        ),
        pytest.param([Level.LOW, Count(2)], ["-1", "2"], id="ints-of-other-classes"),
        pytest.param([Color.RED], ["'=red"], id="text-of-another-class"),
        pytest.param([(1, None), {}], ["[1,null]", "{}"], id="data"),
        pytest.param([["é", -1]], ['["é",-1]'], id="data-of-text"),
    ],
)
def test_cells_are_written_as(cells, written, is_quick):
    assert write_column(cells) == written
    assert [*map(write, cells)] == written


# Formulas


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (decimal.Decimal("-1.50"), "-1.50"),
        (decimal.Decimal("-1E+5"), "-1E+5"),
        (decimal.Decimal("+1"), "1"),
        (fractions.Fraction(-1, 2), "-1/2"),
        (fractions.Fraction(-3), "-3"),
        (Level.LOW, "-1"),
        (-1.5, "-1.5"),
    ],
)
@pytest.mark.parametrize("formulas", FORMULAS_MODES)
def test_negative_number_is_no_formula(number, text, formulas):
    assert write(number, formulas) == text


@pytest.mark.parametrize("number", ["-Infinity", "-NaN", "-sNaN12"])
def test_what_is_no_number_but_of_its_type_is_text(number):
    assert write(decimal.Decimal(number)) == f"'{number}"


def test_number_whose_converter_gives_a_formula_is_text():
    converters = ConverterRegistry(BUILT_IN)
    converters.add(decimal.Decimal, lambda number: f"={number}+1")
    plain = Plain(converters)
    assert CellWriter(plain, "escape").write_column([decimal.Decimal(1)]) == ["'=1+1"]


@pytest.mark.parametrize(
    ("formulas", "written"),
    [("escape", ["a", "'=b", "", "'-1"]), ("raw", ["a", "=b", "", "-1"])],
)
def test_text_that_is_a_formula_is_written_as_asked(formulas, written):
    assert write_column(["a", "=b", "", "-1"], formulas) == written


def test_text_that_is_a_formula_is_refused_with_what_to_do():
    with pytest.raises(ValueError, match="'=b' would be .* Choose formulas='escape'"):
        write_column(["a", "=b"], "reject")


@pytest.mark.parametrize(
    "cell",
    [float("nan"), float("inf"), [float("nan")], "\ud800", ["\ud800"]],
    ids=ascii,
)
def test_what_cannot_be_written_is_refused(cell, is_quick):
    with pytest.raises(ValueError, match="not JSON compliant|surrogates not allowed"):
        write(cell)
    with pytest.raises(ValueError, match="not JSON compliant|surrogates not allowed"):
        write_column([cell, 1])
