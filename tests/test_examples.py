from __future__ import annotations

import importlib.util
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parent.parent
QUICKSTART = ROOT / "examples" / "quickstart.py"

FLATLAND = {
    "title": "Flatland",
    "year": 1884,
    "price": {"amount": "4.50", "currency": "EUR"},
}
EREWHON = {
    "title": "Erewhon",
    "year": 1872,
    "price": {"amount": "7.20", "currency": "EUR"},
}


def load(path):
    """Load an example by its path: the examples are no package."""
    spec = importlib.util.spec_from_file_location(f"example_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def quickstart():
    return load(QUICKSTART)


@pytest.fixture
def client(quickstart):
    return quickstart.app.test_client()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/book", FLATLAND, id="a dataclass"),
        pytest.param("/books", [FLATLAND, EREWHON], id="a list of dataclasses"),
        pytest.param("/price", FLATLAND["price"], id="a type with a converter"),
    ],
)
def test_quickstart_sends_objects_as_json(client, path, expected):
    response = client.get(path)
    assert response.status == "200 OK"
    assert response.content_type == "application/json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.json == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(
            "/catalogue",
            '<?xml version="1.0" encoding="utf-8"?>\n'
            '<catalogue><book year="1884">Flatland</book>'
            '<book year="1872">Erewhon</book></catalogue>',
            id="an element tree",
        ),
        pytest.param(
            "/note",
            '<?xml version="1.0"?><note>Read more books.</note>',
            id="text that is XML",
        ),
    ],
)
def test_quickstart_sends_xml(client, path, expected):
    response = client.get(path)
    assert response.status == "200 OK"
    assert response.content_type == "application/xml; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.text == expected


def test_quickstart_types_image_bytes(client, quickstart):
    response = client.get("/dot")
    assert response.status == "200 OK"
    assert response.content_type == "image/png"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.data == quickstart.PNG


def test_quickstart_index_is_html_as_without_the_kit(client):
    response = client.get("/")
    assert response.status == "200 OK"
    assert response.content_type == "text/html; charset=utf-8"
    assert "X-Content-Type-Options" not in response.headers
    assert response.text.startswith("<!doctype html>")


def test_quickstart_index_links_to_every_other_view(client, quickstart):
    links = set(re.findall('href="([^"]+)"', client.get("/").text))
    rules = {rule.rule for rule in quickstart.app.url_map.iter_rules()}
    assert links == rules - {"/", "/static/<path:filename>"}


def test_readme_shows_the_quickstart():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    source = QUICKSTART.read_text(encoding="utf-8")
    assert f"```python\n{source}```\n" in readme


def test_documentation_includes_the_quickstart():
    page = (ROOT / "docs" / "quickstart.md").read_text(encoding="utf-8")
    assert "{literalinclude} ../examples/quickstart.py\n" in page
