"""Nothing is imported for types that nobody uses, and each name means a type."""

from __future__ import annotations

import subprocess
import sys

import lxml.html  # noqa: F401
import matplotlib.figure  # noqa: F401
import pandas  # noqa: F401
import PIL.Image
import polars  # noqa: F401
import pyarrow  # noqa: F401
import pytest
import sqlalchemy  # noqa: F401
from pydantic import BaseModel

from flask_responsekit.libraries.registrations import _NAMES
from flask_responsekit.libraries.registrations import find_csv_writer
from flask_responsekit.libraries.registrations import is_representation
from flask_responsekit.libraries.registrations import list_registrations
from flask_responsekit.offers import offer_mimetype
from flask_responsekit.offers import offer_renderer
from flask_responsekit.registration import find_public_name

REGISTRATIONS = [*list_registrations()]
ANSWER_REQUESTS = """
import sys

from flask import Flask

from flask_responsekit import ResponseKit

app = Flask("example")
app.config["RESPONSEKIT_FORMAT_PARAMETER"] = "format"
ResponseKit(app, renderers=["json", "xml", "csv", "ndjson", "text"])
app.add_url_rule("/", "view", lambda: [{"id": 1}, {"id": 2}])
app.add_url_rule("/bad", "bad", lambda: object())
client = app.test_client()
for accept in ("application/json", "application/xml", "text/csv", "image/png"):
    assert client.get("/", headers={"Accept": accept}).status_code == 200
assert client.get("/?format=csv").status_code == 200
for name in ("parquet", "arrow", "png", "html"):
    assert client.get(f"/?format={name}").status_code == 406
assert client.get("/nowhere").status_code == 404
app.logger.disabled = True
assert client.get("/bad").status_code == 500
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
LIBRARIES = {"PIL", "attr", "lxml", "matplotlib", "msgspec", "numpy", "pandas"}
LIBRARIES |= {"polars", "pyarrow", "pydantic", "sqlalchemy", "yaml"}


def run(code):
    """Run code of its own, and list the modules that it prints."""
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    return {*result.stdout.split()}


def test_answering_requests_imports_no_library():
    loaded = run(ANSWER_REQUESTS)
    assert "flask_responsekit" in loaded
    assert loaded.isdisjoint(LIBRARIES)


@pytest.mark.parametrize("library", ["PIL.Image", "lxml.etree", "pandas", "sqlalchemy"])
def test_library_that_is_loaded_has_no_other_imported(library):
    found, expected = (
        {name.partition(".")[0] for name in run(code)} & LIBRARIES
        for code in (
            # With a library come the short names of what it writes.
            f"import {library}\n{ANSWER_REQUESTS}",
            f"import sys, flask, {library}; print(*sys.modules)",
        )
    )
    assert found == expected


@pytest.mark.parametrize("key", [one.key for one in REGISTRATIONS])
def test_each_name_means_a_type_of_the_installed_release(key):
    assert isinstance(find_public_name(key), type)


def test_name_of_models_is_the_class_that_has_a_public_name():
    # Which is set when somebody asks for it, so it is not the name that is used.
    assert find_public_name("pydantic.main.BaseModel") is BaseModel


@pytest.mark.parametrize(
    "registration",
    [one for one in REGISTRATIONS if one.list_representations],
    ids=lambda one: one.key,
)
def test_each_representation_has_a_short_name_that_is_known_beforehand(registration):
    PIL.Image.init()
    names = {
        offer_renderer(maker).name
        if hasattr(maker, "render")
        else offer_mimetype(mimetype).name
        for mimetype, maker in registration.list_representations()
    }
    root = registration.key.partition(".")[0]
    # What the installed release of a library does not write may be missing.
    assert names <= {*_NAMES[root]}
    assert {*_NAMES[root]} - names <= {"arrow", "avif", "webp"}
    assert all(map(is_representation, names))


def test_names_of_a_library_that_is_not_loaded_mean_nothing(monkeypatch):
    assert is_representation("svg")
    monkeypatch.delitem(sys.modules, "matplotlib")
    assert not is_representation("svg")
    assert is_representation("png")
    assert not is_representation("nonsense")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("pandas.DataFrame", b"a\r\n1\r\n"),
        ("polars.DataFrame", b"a\r\n1\r\n"),
        ("pyarrow.table", b'"a"\n1\n'),
    ],
)
def test_frames_write_themselves(name, written):
    frame = find_public_name(name)({"a": [1]})
    assert find_csv_writer(type(frame))(frame, "raw", lambda cls: False) == written


def test_other_values_have_no_writer_of_their_own():
    assert find_csv_writer(dict) is None
