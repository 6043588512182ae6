from __future__ import annotations

import importlib.util
import itertools
import json
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


PROBLEMS = ROOT / "examples" / "problems.py"

KINDS = "https://example.com/problems"
STOOL = {"name": "stool", "price": "14.50", "successor": None}
DISCONTINUED = {
    "type": f"{KINDS}/discontinued",
    "title": "Discontinued",
    "status": 410,
    "detail": "The bench is no longer sold.",
    "successor": STOOL,
}
UNKNOWN = {
    "type": f"{KINDS}/unknown-article",
    "title": "Unknown article",
    "status": 404,
    "detail": "There is no table.",
    "known": ["stool", "bench"],
}
DISCONTINUED_IN_XML = (
    '<?xml version="1.0" encoding="utf-8"?>\n<problem xmlns="urn:ietf:rfc:7807">'
    f"<type>{KINDS}/discontinued</type><title>Discontinued</title><status>410</status>"
    "<detail>The bench is no longer sold.</detail>"
    "<successor><name>stool</name><price>14.50</price></successor></problem>"
)
UNTOLD = {"type": "about:blank", "title": "Internal Server Error", "status": 500}


@pytest.fixture(scope="module")
def problems():
    return load(PROBLEMS).app.test_client()


@pytest.mark.parametrize(
    ("path", "status", "mimetype", "expected"),
    [
        pytest.param("/articles/stool", 200, "application/json", STOOL, id="no-error"),
        pytest.param(
            "/articles/bench",
            410,
            "application/problem+json",
            DISCONTINUED,
            id="mapped",
        ),
        pytest.param(
            "/articles/table", 404, "application/problem+json", UNKNOWN, id="raised"
        ),
        pytest.param(
            "/broken", 500, "application/problem+json", UNTOLD, id="unforeseen"
        ),
    ],
)
def test_problems_sends_errors_as_json(problems, path, status, mimetype, expected):
    response = problems.get(path, headers={"Accept": "application/json"})
    assert response.status_code == status
    assert response.content_type == mimetype
    assert response.json == expected


def test_problems_sends_errors_as_xml_by_accept_and_by_name(problems):
    accepted = problems.get("/articles/bench", headers={"Accept": "application/xml"})
    named = problems.get("/articles/bench?format=xml")
    for response in (accepted, named):
        assert response.status == "410 GONE"
        assert response.content_type == "application/problem+xml; charset=utf-8"
        assert response.text == DISCONTINUED_IN_XML


def test_problems_tells_nothing_of_a_mistake(problems):
    for accept in ("application/json", "application/xml", "text/html"):
        for path in ("/broken", "/api/broken"):
            response = problems.get(path, headers={"Accept": accept})
            assert response.status_code == 500
            assert "table" not in response.text


def test_problems_index_links_to_what_there_is(problems):
    paths = re.findall('href="([^"]+)"', problems.get("/").text)
    browser = {"Accept": "text/html,*/*;q=0.8"}
    answers = {path: problems.get(path, headers=browser) for path in paths}
    assert {path: (one.status_code, one.mimetype) for path, one in answers.items()} == {
        "/articles/stool": (200, "application/json"),
        "/articles/stool?format=json": (200, "application/json"),
        "/articles/stool?format=xml": (200, "application/xml"),
        "/articles/bench": (410, "text/html"),
        "/articles/bench?format=json": (410, "application/problem+json"),
        "/articles/bench?format=xml": (410, "application/problem+xml"),
        "/articles/table": (404, "text/html"),
        "/articles/table?format=json": (404, "application/problem+json"),
        "/articles/table?format=xml": (404, "application/problem+xml"),
        "/broken": (500, "text/html"),
        "/nowhere": (404, "text/html"),
        "/api/broken": (500, "application/problem+json"),
        "/api/nowhere": (404, "application/problem+json"),
    }


HTML = "text/html"
PROBLEM_JSON = "application/problem+json"
PROBLEM_XML = "application/problem+xml"
VERSION_2 = "application/vnd.example.v2+json"

#: What clients say, and what they get of a problem, of another error, and of an error
#: where all errors are problems.
CLIENTS = {
    "Chrome, Edge": (
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
        "image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
        *(HTML, HTML, PROBLEM_JSON),
    ),
    "Firefox, Safari": (
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        *(HTML, HTML, PROBLEM_JSON),
    ),
    "`fetch`, curl, Wget, Python's `requests`": (
        "*/*",
        *(PROBLEM_JSON, HTML, PROBLEM_JSON),
    ),
    "Go's `net/http`, Java's `HttpClient`": (None, PROBLEM_JSON, HTML, PROBLEM_JSON),
    "Axios": ("application/json, text/plain, */*", *[PROBLEM_JSON] * 3),
    'curl with `-H "Accept: application/json"`': (
        "application/json",
        *[PROBLEM_JSON] * 3,
    ),
    'curl with `-H "Accept: application/xml"`': ("application/xml", *[PROBLEM_XML] * 3),
    f'curl with `-H "Accept: {VERSION_2}"`': (VERSION_2, *[PROBLEM_JSON] * 3),
    "`EventSource`": ("text/event-stream", *[PROBLEM_JSON] * 3),
    'curl with `-H "Accept: text/csv"`': (
        "text/csv",
        *(PROBLEM_JSON, HTML, PROBLEM_JSON),
    ),
}
CLIENT_PATHS = ("/articles/bench", "/nowhere", "/api/nowhere")


@pytest.mark.parametrize(
    ("accept", "mimetypes"),
    [pytest.param(accept, row, id=name) for name, (accept, *row) in CLIENTS.items()],
)
def test_problems_sends_what_a_client_likes_best(problems, accept, mimetypes):
    headers = {} if accept is None else {"Accept": accept}
    responses = [problems.get(path, headers=headers) for path in CLIENT_PATHS]
    assert [response.mimetype for response in responses] == mimetypes
    assert {response.headers["Vary"] for response in responses} == {"Accept"}


def test_documentation_shows_what_clients_get_of_problems():
    paths = " | ".join(f"`{path}`" for path in CLIENT_PATHS)
    lines = [f"| client | `Accept` | {paths} |", "| --- " * 5 + "|"]
    for name, (accept, *row) in CLIENTS.items():
        said = "none" if accept is None else f"`{accept}`"
        cells = [name, said, *(f"`{mimetype}`" for mimetype in row)]
        lines.append(f"| {' | '.join(cells)} |")
    page = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
    table = "\n".join(lines)
    assert f"\n\n{table}\n\n" in page, f"Put this into docs/problems.md:\n{table}"


@pytest.mark.parametrize(
    ("page", "name"),
    [
        pytest.param("problems", "problems", id="problems"),
        pytest.param("problems", "validation", id="validation"),
        pytest.param("streams", "streams", id="streams"),
    ],
)
def test_documentation_includes_the_example(page, name):
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    assert f"{{literalinclude}} ../examples/{name}.py\n" in text


STREAMS = ROOT / "examples" / "streams.py"

ORDERS = [
    {"number": number, "article": "Pencil", "quantity": 1 + (number - 1) % 12}
    for number in range(1, 1001)
]
ORDERS_IN_CSV = "number,article,quantity\r\n" + "".join(
    f"{order['number']},Pencil,{order['quantity']}\r\n" for order in ORDERS
)


@pytest.fixture
def streams():
    """One that no other test has added orders to."""
    module = load(STREAMS)
    yield module.app.test_client()
    module.database.close()


def write_compactly(data):
    return json.dumps(data, separators=(",", ":"))


def write_order_event(number, quantity):
    order = {"number": number, "article": "Pencil", "quantity": quantity}
    return f"event: order\nid: {number}\ndata: {write_compactly(order)}\n\n".encode()


@pytest.mark.parametrize(
    ("accept", "content_type", "body"),
    [
        pytest.param("*/*", "application/json", write_compactly(ORDERS), id="json"),
        pytest.param(
            "application/jsonl",
            "application/x-ndjson",
            "".join(write_compactly(order) + "\n" for order in ORDERS),
            id="lines of json",
        ),
        pytest.param("text/csv", "text/csv; charset=utf-8", ORDERS_IN_CSV, id="csv"),
    ],
)
def test_streams_sends_rows_as_a_client_likes_them(streams, accept, content_type, body):
    response = streams.get("/orders", headers={"Accept": accept})
    assert response.status == "200 OK"
    assert response.content_type == content_type
    assert response.headers["Vary"] == "Accept"
    assert response.is_streamed
    assert response.text == body


def test_streams_exports_a_file_whatever_a_client_likes(streams):
    response = streams.get("/orders.csv", headers={"Accept": "application/json"})
    assert response.status == "200 OK"
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == "attachment; filename=orders.csv"
    assert response.text == ORDERS_IN_CSV


def test_streams_sends_orders_when_they_are_made(streams):
    streams.post("/orders")
    with streams.get("/orders/live") as response:
        assert response.status == "200 OK"
        assert response.mimetype == "text/event-stream"
        events = response.iter_encoded()
        assert next(events) == b"retry: 1000\n\n" + write_order_event(1001, 1)
        # It waits for more by now.
        assert streams.post("/orders").status == "204 NO CONTENT"
        assert next(events) == write_order_event(1002, 1)


def test_streams_sends_what_a_client_has_missed(streams):
    headers = {"Last-Event-ID": "998"}
    with streams.get("/orders/live", headers=headers) as response:
        first, second = itertools.islice(response.iter_encoded(), 2)
    assert first == b"retry: 1000\n\n" + write_order_event(999, 3)
    assert second == write_order_event(1000, 4)


def test_streams_index_uses_every_other_view(streams):
    response = streams.get("/")
    assert response.content_type == "text/html; charset=utf-8"
    rules = {rule.rule for rule in streams.application.url_map.iter_rules()}
    paths = set(re.findall('"(/[^"]*)"', response.text))
    assert paths == rules - {"/", "/static/<path:filename>"}
