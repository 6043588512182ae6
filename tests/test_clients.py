"""What clients get by the header that they really send, and that the docs say so."""

from __future__ import annotations

import importlib.util
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parent.parent

HTML = "text/html; charset=utf-8"
JSON = "application/json"
XML = "application/xml; charset=utf-8"
CSV = "text/csv; charset=utf-8"
VERSION_2 = "application/vnd.example.v2+json"

#: What clients say, and what they get: an invoice, and a list without a template.
CLIENTS = {
    "Chrome, Edge": (
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
        "image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
        HTML,
        JSON,
    ),
    "Firefox, Safari": (
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        HTML,
        JSON,
    ),
    "`fetch`, curl, Wget, Python's `requests`": ("*/*", JSON, JSON),
    "Axios": ("application/json, text/plain, */*", JSON, JSON),
    "jQuery's `getJSON`": (
        "application/json, text/javascript, */*; q=0.01",
        JSON,
        JSON,
    ),
    "Java's `HttpURLConnection`": (
        "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
        HTML,
        JSON,
    ),
    "Go's `net/http`, Java's `HttpClient`": (None, JSON, JSON),
    "Excel, Power Query, `OData.Feed`": (
        "application/json;odata.metadata=minimal;q=1.0,"
        "application/json;odata=minimalmetadata;q=0.9,application/atomsvc+xml;q=0.8,"
        "application/atom+xml;q=0.8,application/xml;q=0.7,text/plain;q=0.7",
        XML,
        XML,
    ),
    '`Web.Contents` with `[Headers=[Accept="text/csv"]]`': ("text/csv", CSV, CSV),
    'curl with `-H "Accept: application/xml"`': ("application/xml", XML, XML),
    f'curl with `-H "Accept: {VERSION_2}"`': (VERSION_2, VERSION_2, JSON),
}


@pytest.fixture(scope="module")
def client():
    path = ROOT / "examples" / "representations.py"
    spec = importlib.util.spec_from_file_location("example_for_clients", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.app.test_client()


def get(client, path, accept):
    headers = {} if accept is None else {"Accept": accept}
    return client.get(path, headers=headers)


@pytest.mark.parametrize(
    ("accept", "invoice", "lines"),
    [pytest.param(*row, id=name) for name, row in CLIENTS.items()],
)
def test_client_gets_what_it_likes_best(client, accept, invoice, lines):
    for path, content_type in [("/invoices/1", invoice), ("/lines", lines)]:
        response = get(client, path, accept)
        assert response.status == "200 OK"
        assert response.content_type == content_type
        assert response.headers["Vary"] == "Accept"


def write_table(client):
    rows = ["| client | `Accept` | `/invoices/1` | `/lines` |", "| --- " * 4 + "|"]
    for name, (accept, *_) in CLIENTS.items():
        said = "none" if accept is None else f"`{accept}`"
        mimetypes = (
            f"`{get(client, path, accept).mimetype}`"
            for path in ("/invoices/1", "/lines")
        )
        rows.append(f"| {' | '.join([name, said, *mimetypes])} |")
    return "\n".join(rows)


def test_documentation_shows_what_clients_get(client):
    page = (ROOT / "docs" / "negotiation.md").read_text(encoding="utf-8")
    table = write_table(client)
    assert f"\n\n{table}\n\n" in page, f"Put this into docs/negotiation.md:\n{table}"


def test_documentation_includes_the_app_that_clients_ask():
    page = (ROOT / "docs" / "negotiation.md").read_text(encoding="utf-8")
    assert "{literalinclude} ../examples/representations.py\n" in page
