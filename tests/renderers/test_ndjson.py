from __future__ import annotations

import datetime
import decimal
import enum
import pathlib
import uuid

import pytest

from flask_responsekit.renderers.ndjson import NDJSONRenderer


class Color(enum.Enum):
    RED = 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param([{"a": 1, "b": [2]}, 3], b'{"a":1,"b":[2]}\n3\n', id="list"),
        pytest.param([[1], []], b"[1]\n[]\n", id="list-of-lists"),
        pytest.param([], b"", id="no-records"),
        pytest.param({"a": [1, 2]}, b'{"a":[1,2]}\n', id="dict"),
        pytest.param(None, b"null\n", id="scalar"),
        pytest.param(["a\r\nb"], b'"a\\r\\nb"\n', id="line-end"),
        pytest.param(["\u2028é"], b'"\\u2028\\u00e9"\n', id="unicode"),
        pytest.param(["\ud800"], b'"\\ud800"\n', id="lone-surrogate"),
    ],
)
def test_each_item_of_a_list_is_a_line(value, text):
    assert NDJSONRenderer().render(value) == text


@pytest.mark.parametrize("number", [float("nan"), float("inf")], ids=repr)
def test_number_that_json_does_not_have_is_refused(number):
    with pytest.raises(ValueError, match="Record 2 cannot be written as JSON"):
        NDJSONRenderer().render([1, {"a": number}])


@pytest.mark.parametrize(
    ("cls", "can"),
    [
        *((cls, True) for cls in (list, dict, tuple, set, object)),
        *((cls, False) for cls in (str, bytes, int, float, bool, type(None), Color)),
        *((cls, False) for cls in (decimal.Decimal, datetime.datetime, datetime.time)),
        *((cls, False) for cls in (datetime.timedelta, uuid.UUID, pathlib.Path)),
    ],
)
def test_scalars_are_no_records(cls, can):
    assert NDJSONRenderer().can_render(cls) is can
