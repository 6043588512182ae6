from __future__ import annotations

import sys
import types

import pytest

from flask_responsekit import CSVRenderer
from flask_responsekit import JSONRenderer
from flask_responsekit.renderers.protocol import require
from flask_responsekit.renderers.protocol import sees_values


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


def test_library_that_is_there_is_not_imported(monkeypatch, tmp_path):
    (tmp_path / "there_but_broken.py").write_text("raise ImportError\n")
    monkeypatch.syspath_prepend(tmp_path)
    require("there_but_broken", "extra", "name")
    assert "there_but_broken" not in sys.modules


@pytest.mark.parametrize("is_blocked", [True, False])
def test_missing_library_is_named_with_what_installs_it(is_blocked, monkeypatch):
    if is_blocked:
        monkeypatch.setitem(sys.modules, "not_there", None)
    with pytest.raises(ModuleNotFoundError) as caught:
        require("not_there", "the-extra", "the-name")
    assert caught.value.name == "not_there"
    message = str(caught.value)
    assert message.startswith("The renderer 'the-name' needs")
    assert message.endswith("pip install 'Flask-ResponseKit[the-extra]'")


def test_library_that_is_loaded_is_there(monkeypatch):
    module = types.ModuleType("loaded")
    module.__spec__ = types.SimpleNamespace(name="loaded")
    monkeypatch.setitem(sys.modules, "loaded", module)
    require("loaded", "extra", "name")
