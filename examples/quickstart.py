"""Views that return what they have: objects, element trees, XML text, image bytes."""

import base64
import dataclasses
import decimal
import xml.etree.ElementTree as ET

from flask import Flask

from flask_responsekit import ResponseKit

app = Flask(__name__)
kit = ResponseKit(app)


class Money:
    """An ordinary class, which knows neither Flask nor the kit."""

    def __init__(self, amount: str, currency: str) -> None:
        self.amount = decimal.Decimal(amount)
        self.currency = currency


@kit.converter(Money)
def convert_money(money: Money) -> dict[str, object]:
    return {"amount": money.amount, "currency": money.currency}


@dataclasses.dataclass
class Book:
    title: str
    year: int
    price: Money


BOOKS = [
    Book("Flatland", 1884, Money("4.50", "EUR")),
    Book("Erewhon", 1872, Money("7.20", "EUR")),
]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAIAQMAAAD+wSzIAAAABlBMVEX////MMzOGzLh8"
    "AAAAEklEQVR42mOwYahj+A+FdQw2ACuQBXGLKKPCAAAAAElFTkSuQmCC"
)


@app.get("/")
def index() -> str:
    paths = ["/book", "/books", "/price", "/catalogue", "/note", "/dot"]
    links = "".join(f'<li><a href="{path}">{path}</a>' for path in paths)
    return f"<!doctype html><title>Quickstart</title><ul>{links}</ul>"


# With @kit.view, type checkers know that a view may return types of your own.
@app.get("/book")
@kit.view
def show_book() -> Book:
    return BOOKS[0]


@app.get("/books")
@kit.view
def show_books() -> list[Book]:
    return BOOKS


@app.get("/price")
@kit.view
def show_price() -> Money:
    return BOOKS[0].price


@app.get("/catalogue")
@kit.view
def show_catalogue() -> ET.ElementTree:
    root = ET.Element("catalogue")
    for book in BOOKS:
        ET.SubElement(root, "book", year=str(book.year)).text = book.title
    return ET.ElementTree(root)


@app.get("/note")
def show_note() -> str:
    return '<?xml version="1.0"?><note>Read more books.</note>'


@app.get("/dot")
def show_dot() -> bytes:
    return PNG


if __name__ == "__main__":
    app.run()
