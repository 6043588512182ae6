"""One view, five representations: the client says which of them it gets."""

import dataclasses
import datetime
import decimal

import jinja2
from flask import abort
from flask import Flask

from flask_responsekit import ResponseKit

app = Flask(__name__)
app.config["RESPONSEKIT_FORMAT_PARAMETER"] = "format"
kit = ResponseKit(app, renderers=["json", "xml", "csv"])

# An app has its templates in a folder. This one has its only template here.
app.jinja_env.loader = jinja2.DictLoader(
    {
        "invoice.html": """\
<!doctype html>
<title>Invoice {{ invoice.number }}</title>
<h1>Invoice {{ invoice.number }} for {{ invoice.customer }}</h1>
<ul>
{%- for line in invoice.lines %}
<li>{{ line.quantity }} &times; {{ line.article }}: {{ line.price }}
{%- endfor %}
</ul>
"""
    }
)


@dataclasses.dataclass
class Line:
    article: str
    quantity: int
    price: decimal.Decimal


@dataclasses.dataclass
class Invoice:
    number: int
    customer: str
    due: datetime.date
    lines: list[Line]


INVOICES = {
    1: Invoice(
        number=1,
        customer="Ada & Sons",
        due=datetime.date(2026, 1, 31),
        lines=[
            Line("Pencil", 12, decimal.Decimal("0.50")),
            Line("=Paper", 1, decimal.Decimal("4.20")),
        ],
    )
}


# JSON and XML show the whole invoice, without a word here. A page is a template,
# a spreadsheet gets the lines, and the second version of the JSON has a total.
kit.add_template(Invoice, "invoice.html", name="invoice")


@kit.converter(Invoice, mimetype="text/csv")
def convert_to_rows(invoice: Invoice) -> list[Line]:
    return invoice.lines


@kit.converter(Invoice, mimetype="application/vnd.example.v2+json")
def convert_to_version_2(invoice: Invoice) -> dict[str, object]:
    total = sum(line.quantity * line.price for line in invoice.lines)
    return {"number": invoice.number, "due": invoice.due.isoformat(), "total": total}


@app.get("/")
def index() -> str:
    formats = ["html", "json", "xml", "csv", "vnd.example.v2%2Bjson"]
    paths = [f"/invoices/1?format={format}" for format in formats] + ["/lines"]
    links = "".join(f'<li><a href="{path}">{path}</a>' for path in paths)
    return f"<!doctype html><title>Representations</title><ul>{links}</ul>"


@app.get("/invoices/<int:number>")
@kit.view
def show_invoice(number: int) -> Invoice:
    return INVOICES.get(number) or abort(404)


# These have no template, so a browser gets JSON, too.
@app.get("/lines")
@kit.view
def show_lines() -> list[Line]:
    return [line for invoice in INVOICES.values() for line in invoice.lines]


if __name__ == "__main__":
    app.run()
