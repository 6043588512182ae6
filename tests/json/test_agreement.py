"""The app's own JSON and that of msgspec say the same."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import email.utils
import enum
import json
import math
import re
import types
import typing as t

import attrs
import msgspec
import pydantic
from flask import Flask
from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st

from flask_responsekit import ResponseKit


class Money:
    """Is taken by a converter."""

    def __init__(self, amount):
        self.amount = amount

    def __repr__(self):
        return f"Money({self.amount!r})"


class Code(str):
    """Is taken by a converter, though it is text."""


class Count(int):
    pass


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    TOP = 1


@dataclasses.dataclass
class Data:
    b: object
    a: object = None


@dataclasses.dataclass(slots=True)
class Slotted:
    b: object
    a: object = None


@attrs.define
class Attrs:
    b: object
    _a: object = None


@attrs.define(slots=False)
class Open:
    b: object
    a: object = None


class Struct(msgspec.Struct):
    b: object
    a: object = None


class Pair(t.NamedTuple):
    b: object
    a: object = None


class Model(pydantic.BaseModel):
    b: t.Any
    a: t.Any = None


def make_app(provider, *, is_taught):
    app = Flask(__name__)
    kit = ResponseKit(app, json=provider)
    app.json.sort_keys = False
    app.json.ensure_ascii = False
    if is_taught:
        kit.add_converter(Money, lambda value: {"amount": value.amount})
        kit.add_converter(Code, lambda value: {"code": str.lower(value)})
        kit.add_converter("tests_of_responsekit.Nowhere", str)
    else:
        # Taken by their base classes, or by nothing that msgspec knows.
        kit.add_converter(Money, lambda value: [value.amount])
    return app


APPS = {
    (provider, is_taught): make_app(provider, is_taught=is_taught)
    for provider in (None, "msgspec")
    for is_taught in (False, True)
}


# What JSON says with texts of a form is compared by what they mean.


def to_time(text):
    """The second that a date, or a date with a time, means in UTC."""
    if text.endswith("GMT"):
        time = email.utils.parsedate_to_datetime(text)
    else:
        time = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    if time.tzinfo is not None:
        time = time.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    return time.replace(microsecond=0)


DURATION = re.compile(
    r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,6}))?S)?)?"
)


def to_duration(text):
    sign, days, hours, minutes, seconds, fraction = DURATION.fullmatch(text).groups()
    value = datetime.timedelta(
        int(days or 0),
        int(seconds or 0),
        int((fraction or "0").ljust(6, "0")),
        minutes=int(minutes or 0),
        hours=int(hours or 0),
    )
    return -value if sign else value


def mean_the_same(one, other):
    if one == other and type(one) is type(other):
        return not isinstance(one, (dict, list)) or all(
            map(mean_the_same, list(one), list(other))
        )
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(
            map(mean_the_same, one.values(), other.values())
        )
    if isinstance(one, list):
        return len(one) == len(other) and all(map(mean_the_same, one, other))
    if not isinstance(one, str):
        return False
    parse = to_duration if DURATION.fullmatch(one) else to_time
    return parse(one) == parse(other)


ZONES = st.sampled_from(
    [
        None,
        datetime.timezone.utc,
        datetime.timezone(datetime.timedelta(hours=5, minutes=30)),
        datetime.timezone(-datetime.timedelta(hours=11)),
    ]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**65), 2**65),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.dates(datetime.date(1000, 1, 1)),
    st.datetimes(datetime.datetime(1000, 1, 2), datetime.datetime(9999, 12, 30)),
    st.datetimes(
        datetime.datetime(1000, 1, 2),
        datetime.datetime(9999, 12, 30),
        timezones=ZONES,
    ),
    st.timedeltas(),
    st.decimals(),
    st.uuids(),
    st.sampled_from([Colour.RED, Level.TOP]),
    st.builds(Code, st.text()),
    st.builds(Count, st.integers()),
)
KEYS = st.one_of(st.text(), st.integers(), st.booleans(), st.none())


def extend(inner):
    single = inner | st.lists(inner)
    fields = (single, single)
    return st.one_of(
        st.lists(inner),
        # Many that are alike are written together.
        st.builds(lambda value, n: [value] * n, inner, st.integers(7, 10)),
        st.lists(st.fixed_dictionaries({"b": inner, "a": inner}), max_size=10),
        st.lists(st.builds(Data, inner), min_size=8, max_size=9),
        st.lists(st.builds(Money, inner), min_size=8, max_size=9),
        st.dictionaries(st.text(), inner),
        st.dictionaries(KEYS, inner),
        st.tuples(inner, inner),
        st.builds(collections.deque, st.lists(inner)),
        st.builds(types.MappingProxyType, st.dictionaries(st.text(), inner)),
        # Sets have no order, unless keys are sorted.
        st.sets(st.integers(), max_size=1),
        st.builds(Money, inner),
        st.builds(Data, *fields),
        st.builds(Slotted, *fields),
        st.builds(Attrs, *fields),
        st.builds(Open, *fields),
        st.builds(Struct, *fields),
        st.builds(Pair, *fields),
    )


VALUES = st.recursive(SCALARS, extend, max_leaves=12)


def write(app, value, **kwargs):
    with app.app_context():
        return json.loads(app.json.dumps(value, **kwargs))


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(value=VALUES, is_taught=st.booleans())
def test_providers_agree(value, is_taught):
    own, quick = (APPS[name, is_taught] for name in (None, "msgspec"))
    assert mean_the_same(write(own, value), write(quick, value))
    plain = quick.json.to_plain(value)
    assert mean_the_same(own.json.to_plain(value), plain)
    # What is given as plain data is what is written, in the same order.
    assert json.dumps(plain) == json.dumps(write(quick, value))


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(value=VALUES, is_taught=st.booleans())
def test_ways_to_write_agree(value, is_taught):
    app = APPS["msgspec", is_taught]
    written = write(app, value)
    assert write(app, value, sort_keys=True) == written
    assert write(app, value, indent=1) == written
    assert write(app, value, ensure_ascii=True, separators=(" , ", " : ")) == written
    with app.app_context():
        assert json.loads(app.json.response(value).get_data()) == written


def as_unknown(value):
    """The same data, in dicts and lists that no encoder writes by itself."""
    if isinstance(value, dict):
        return types.MappingProxyType({k: as_unknown(v) for k, v in value.items()})
    if isinstance(value, list):
        return collections.deque(map(as_unknown, value))
    return value


FLOATS = st.recursive(
    st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(FLOATS, st.booleans())
def test_constants_are_null_at_any_depth(value, is_taught):
    app = APPS["msgspec", is_taught]
    expected = json.loads(json.dumps(value), parse_constant=lambda name: None)
    for form in (value, as_unknown(value)):
        assert write(app, form) == expected
        assert write(app, form, indent=1) == expected
        assert app.json.to_plain(form) == expected
    rows = [Data(value)] * 8
    assert write(app, rows) == [{"b": expected, "a": None}] * 8


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_float_is_read_back_as_it_was(number):
    (read,) = write(APPS["msgspec", True], [number])
    assert read == number
    assert math.copysign(1, read) == math.copysign(1, number)


@given(st.timedeltas())
def test_duration_is_that_of_iso_8601(value):
    assert to_duration(write(APPS["msgspec", True], value)) == value


@given(st.datetimes(timezones=ZONES))
def test_datetime_is_that_of_rfc_3339(value):
    text = write(APPS["msgspec", True], value)
    read = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    assert read == value


@given(st.decimals())
def test_decimal_is_its_text(value):
    assert write(APPS["msgspec", False], value) == str(value)
    assert write(APPS["msgspec", True], [decimal.Decimal(value)]) == [str(value)]


# Of longer integers, old releases of pydantic write none.
INTEGERS = st.integers(-(2**63), 2**63 - 1)
MODELS = st.builds(
    Model,
    b=st.one_of(st.text(), INTEGERS, st.dates(), st.lists(st.floats())),
    a=st.none() | st.dictionaries(st.text(), INTEGERS),
)


@given(MODELS, st.booleans())
def test_models_are_written_as_pydantic_does(model, is_taught):
    app = APPS["msgspec", is_taught]
    plain = json.loads(model.model_dump_json())
    for form, expected in ((model, plain), ([model] * 9, [plain] * 9)):
        assert write(app, form) == expected
        assert write(app, form, sort_keys=True) == expected
        assert app.json.to_plain(form) == expected
