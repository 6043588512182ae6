from __future__ import annotations

import sys

import pytest

from flask_responsekit.renderers.built_in import find_name
from flask_responsekit.renderers.built_in import make_renderer
from flask_responsekit.renderers.built_in import RENDERERS


def test_renderers_have_these_names():
    expected = ["json", "xml", "csv", "yaml", "msgpack", "ndjson", "text"]
    assert list(RENDERERS) == expected


@pytest.mark.parametrize("name", RENDERERS)
def test_renderer_is_made_by_name(name):
    renderer = make_renderer(name)
    assert type(renderer) is RENDERERS[name]
    assert renderer.name == name


def test_no_two_renderers_answer_one_media_type():
    mimetypes = [
        mimetype
        for cls in RENDERERS.values()
        for mimetype in (cls.mimetype, *cls.aliases)
    ]
    assert len({*mimetypes}) == len(mimetypes)


@pytest.mark.parametrize("name", ["", "JSON", "html", "application/json"])
def test_unknown_name_is_refused_with_those_that_there_are(name):
    with pytest.raises(ValueError, match="is not the name of a renderer") as caught:
        make_renderer(name)
    message = str(caught.value)
    assert message.startswith(repr(name))
    assert all(repr(known) in message for known in RENDERERS)


@pytest.mark.parametrize(
    ("formulas", "text"),
    [({}, b"'=1\r\n"), ({"formulas": "raw"}, b"=1\r\n")],
    ids=["default", "raw"],
)
def test_csv_does_with_formulas_what_it_is_told(formulas, text):
    assert make_renderer("csv", **formulas).render([["=1"]]) == text


@pytest.mark.parametrize(
    ("name", "library"), [("yaml", "yaml"), ("msgpack", "msgspec")]
)
def test_missing_library_is_met_when_its_renderer_is_made(name, library, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ModuleNotFoundError, match="pip install"):
        make_renderer(name)


@pytest.mark.parametrize(
    ("mimetype", "name"),
    [
        *((cls.mimetype, name) for name, cls in RENDERERS.items()),
        *((alias, name) for name, cls in RENDERERS.items() for alias in cls.aliases),
        ("Text/CSV", "csv"),
        ("text/csv; header=present", "csv"),
        ("text/csv ;header=present", "csv"),
        ("application/vnd.acme.v2+json", "json"),
        ("application/vnd.acme.v2+JSON; a=b", "json"),
        ("image/svg+xml", "xml"),
        ("application/vnd.oai.openapi+yaml", "yaml"),
        ("application/a+b+json", "json"),
        ("application/a+msgpack", None),
        ("application/a+csv", None),
        ("application/a+json+zip", None),
        ("application/xml+", None),
        ("application/json2", None),
        ("text/html", None),
        ("json", None),
        ("", None),
    ],
)
def test_renderer_is_known_by_media_type_or_suffix(mimetype, name):
    assert find_name(mimetype) == name
