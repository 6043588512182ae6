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


REPRESENTATIONS = ROOT / "examples" / "representations.py"

PAGE = """\
<!doctype html>
<title>Invoice 1</title>
<h1>Invoice 1 for Ada &amp; Sons</h1>
<ul>
<li>12 &times; Pencil: 0.50
<li>1 &times; =Paper: 4.20
</ul>"""
ROWS = "article,quantity,price\r\nPencil,12,0.50\r\n'=Paper,1,4.20\r\n"
XML_LINES = (
    "<item><article>Pencil</article><quantity>12</quantity><price>0.50</price></item>"
    "<item><article>=Paper</article><quantity>1</quantity><price>4.20</price></item>"
)
XML_DOCUMENT = (
    '<?xml version="1.0" encoding="utf-8"?>\n<Invoice><number>1</number>'
    "<customer>Ada &amp; Sons</customer><due>Sat, 31 Jan 2026 00:00:00 GMT</due>"
    f"<lines>{XML_LINES}</lines></Invoice>"
)
LINES = [
    {"article": "Pencil", "quantity": 12, "price": "0.50"},
    {"article": "=Paper", "quantity": 1, "price": "4.20"},
]
INVOICE = {
    "number": 1,
    "customer": "Ada & Sons",
    "due": "Sat, 31 Jan 2026 00:00:00 GMT",
    "lines": LINES,
}


@pytest.fixture(scope="module")
def representations():
    return load(REPRESENTATIONS).app.test_client()


@pytest.mark.parametrize(
    ("name", "content_type", "body"),
    [
        pytest.param("html", "text/html; charset=utf-8", PAGE, id="html"),
        pytest.param("xml", "application/xml; charset=utf-8", XML_DOCUMENT, id="xml"),
        pytest.param("csv", "text/csv; charset=utf-8", ROWS, id="csv"),
    ],
)
def test_representations_sends_text_by_accept_and_by_name(
    representations, name, content_type, body
):
    mimetype = content_type.partition(";")[0]
    accepted = representations.get("/invoices/1", headers={"Accept": mimetype})
    named = representations.get("/invoices/1", query_string={"format": name})
    for response in (accepted, named):
        assert response.status == "200 OK"
        assert response.content_type == content_type
        assert response.text == body
    assert accepted.headers["Vary"] == "Accept"
    assert "Vary" not in named.headers


@pytest.mark.parametrize(
    ("name", "mimetype", "expected"),
    [
        pytest.param("json", "application/json", INVOICE, id="json"),
        pytest.param(
            "vnd.example.v2+json",
            "application/vnd.example.v2+json",
            {"number": 1, "due": "2026-01-31", "total": "10.20"},
            id="version-2",
        ),
    ],
)
def test_representations_sends_both_versions_of_json(
    representations, name, mimetype, expected
):
    requests = [{"headers": {"Accept": mimetype}}, {"query_string": {"format": name}}]
    for request in requests:
        response = representations.get("/invoices/1", **request)
        assert response.status == "200 OK"
        assert response.content_type == mimetype
        assert response.json == expected


def test_representations_sends_json_to_whom_nothing_is_acceptable(representations):
    response = representations.get("/invoices/1", headers={"Accept": "image/png"})
    assert response.status == "200 OK"
    assert response.json == INVOICE


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/invoices/2", "404 NOT FOUND", id="unknown-invoice"),
        pytest.param("/invoices/1?format=pdf", "406 NOT ACCEPTABLE", id="unknown-name"),
    ],
)
def test_representations_answers_errors(representations, path, status):
    assert representations.get(path).status == status


def test_representations_index_links_to_what_there_is(representations):
    paths = re.findall('href="([^"]+)"', representations.get("/").text)
    types = {path: representations.get(path).mimetype for path in paths}
    assert types == {
        "/invoices/1?format=html": "text/html",
        "/invoices/1?format=json": "application/json",
        "/invoices/1?format=xml": "application/xml",
        "/invoices/1?format=csv": "text/csv",
        "/invoices/1?format=vnd.example.v2%2Bjson": "application/vnd.example.v2+json",
        "/lines": "application/json",
    }
