from __future__ import annotations

import dataclasses

import pytest
from flask import Flask
from flask.json.provider import DefaultJSONProvider

from flask_responsekit import JSONRenderer
from flask_responsekit import ResponseKit


@dataclasses.dataclass
class User:
    name: str = "Ada"
    id: int = 1


class OwnProvider(DefaultJSONProvider):
    def dumps(self, obj, **kwargs):
        return f"own: {super().dumps(obj, **kwargs)}"


@pytest.fixture
def app():
    return Flask("example")


def render(app, value):
    with app.app_context():
        return JSONRenderer().render(value)


@pytest.mark.parametrize("value", [{"b": [1, None], "a": "é"}, [], "text", None, 1.5])
def test_body_is_that_of_jsonify(app, value):
    with app.app_context():
        assert JSONRenderer().render(value) == app.json.response(value).data


@pytest.mark.parametrize("debug", [True, False])
def test_app_says_how_json_is_written(app, debug):
    app.debug = debug
    app.json.sort_keys = False
    text = b'{\n  "b": 1,\n  "a": 2\n}\n' if debug else b'{"b":1,"a":2}\n'
    assert render(app, {"b": 1, "a": 2}) == text


def test_provider_of_the_app_writes(app):
    app.json = OwnProvider(app)
    assert render(app, [1]) == b"own: [1]\n"


def test_one_renderer_serves_many_apps(app):
    other = Flask("other")
    other.json = OwnProvider(other)
    renderer = JSONRenderer()
    with app.app_context():
        assert renderer.render([]) == b"[]\n"
    with other.app_context():
        assert renderer.render([]) == b"own: []\n"


def test_what_the_provider_refuses_is_its_own_error(app):
    with pytest.raises(TypeError, match="not JSON serializable"):
        render(app, [object()])


def test_converters_of_the_kit_are_known(app):
    kit = ResponseKit(app)
    kit.add_converter(complex, lambda value: [value.real, value.imag])
    assert render(app, {"a": 1j, "user": User()}) == (
        b'{"a":[0.0,1.0],"user":{"id":1,"name":"Ada"}}\n'
    )


def test_app_is_needed():
    with pytest.raises(RuntimeError, match="application context"):
        JSONRenderer().render([])


def test_all_types_can_be_json():
    assert JSONRenderer().can_render(object)
