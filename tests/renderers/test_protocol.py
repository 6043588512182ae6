from __future__ import annotations

import types

import pytest

from flask_responsekit import CSVRenderer
from flask_responsekit import JSONRenderer
from flask_responsekit import NDJSONRenderer
from flask_responsekit.renderers.protocol import as_it_is
from flask_responsekit.renderers.protocol import sees_values
from flask_responsekit.renderers.protocol import writes_rows


class Log:
    mimetype = "text/x-log"

    def render(self, value):
        return repr(value).encode()


class ValueLog(Log):
    def render_value(self, value, cls, to_plain):
        return cls.__name__.encode()


class PlainAgain(ValueLog):
    def render(self, value):
        return b"plain"


class ValueAgain(PlainAgain):
    def render_value(self, value, cls, to_plain):
        return b"value"


class OwnCSV(CSVRenderer):
    def render(self, value):
        return b"own"


class RowLog(Log):
    def render_rows(self, batches, to_plain):
        yield from (repr(to_plain.each(batch)).encode() for batch in batches)


class OwnValues(RowLog):
    def render_value(self, value, cls, to_plain):
        return b"own"


class RowsAgain(OwnCSV):
    def render_rows(self, batches, to_plain):
        yield from (b"own" for batch in batches)


class Renamed(NDJSONRenderer):
    mimetype = "application/x-lines"


@pytest.mark.parametrize(
    ("renderer", "expected"),
    [
        pytest.param(Log(), False, id="render"),
        pytest.param(ValueLog(), True, id="render_value"),
        pytest.param(PlainAgain(), False, id="render-is-nearer"),
        pytest.param(ValueAgain(), True, id="render_value-is-nearer"),
        pytest.param(CSVRenderer(), True, id="built-in"),
        pytest.param(JSONRenderer(), False, id="json"),
        pytest.param(OwnCSV(), False, id="overridden"),
        pytest.param(
            types.SimpleNamespace(mimetype="text/x", render=repr), False, id="no-class"
        ),
    ],
)
def test_renderer_sees_values_if_its_nearest_method_does(renderer, expected):
    assert sees_values(renderer) is expected


@pytest.mark.parametrize(
    ("renderer", "expected"),
    [
        pytest.param(Log(), False, id="render"),
        pytest.param(RowLog(), True, id="render_rows"),
        pytest.param(OwnCSV(), False, id="render-is-nearer"),
        pytest.param(OwnValues(), False, id="render_value-is-nearer"),
        pytest.param(RowsAgain(), True, id="render_rows-is-nearer"),
        pytest.param(Renamed(), True, id="inherited"),
        pytest.param(JSONRenderer(), True, id="json"),
        pytest.param(CSVRenderer(), True, id="csv"),
        pytest.param(object(), False, id="nothing"),
    ],
)
def test_renderer_writes_rows_if_its_nearest_method_does(renderer, expected):
    assert writes_rows(renderer) is expected


def test_plain_data_stays_as_it_is():
    rows = [{"a": [1]}, None]
    assert as_it_is(rows) is as_it_is.shallow(rows) is as_it_is.each(rows) is rows
    assert as_it_is.get_attributes(Log) is None
    assert not as_it_is.is_converted(Log)
