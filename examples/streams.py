"""Rows and events that are sent as they come: all orders, and those that are made."""

import asyncio
import collections.abc as cabc
import dataclasses
import sqlite3
import time

from flask import Flask

from flask_responsekit import EventStream
from flask_responsekit import ResponseKit
from flask_responsekit import ServerSentEvent
from flask_responsekit import Stream

app = Flask(__name__)
kit = ResponseKit(app, renderers=["json", "ndjson", "csv"])

# A database in memory has one connection. All threads share it, but no statement.
database = sqlite3.connect(
    ":memory:", check_same_thread=False, cached_statements=0, isolation_level=None
)
database.execute("CREATE TABLE orders (number INTEGER PRIMARY KEY, article, quantity)")
database.executemany(
    "INSERT INTO orders (article, quantity) VALUES (?, ?)",
    [("Pencil", 1 + number % 12) for number in range(1000)],
)
LAST_OF_YESTERDAY = "1000"


@dataclasses.dataclass
class Order:
    number: int
    article: str
    quantity: int


def find_orders(after: str = "0") -> cabc.Iterator[Order]:
    query = "SELECT * FROM orders WHERE number > CAST(? AS INTEGER) ORDER BY number"
    for row in database.execute(query, [after]):
        yield Order(*row)


# JSON, lines of JSON or CSV, as the client likes it.
@app.get("/orders")
@kit.view
def show_orders() -> Stream:
    return kit.stream(find_orders())


# A file has one format, so there is nothing to choose.
@app.get("/orders.csv")
@kit.view
def export_orders() -> Stream:
    return kit.stream(find_orders(), mimetype="text/csv", filename="orders.csv")


@app.post("/orders")
def add_order() -> tuple[str, int]:
    database.execute("INSERT INTO orders (article, quantity) VALUES ('Pencil', 1)")
    return "", 204


async def watch_orders(after: str) -> cabc.AsyncIterator[ServerSentEvent]:
    # It has an event loop of its own, so a query keeps nobody else waiting. It ends
    # after a minute, even if nobody tells that the client has left. A client that is
    # still there comes back, and says what it has got.
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for order in find_orders(after):
            after = str(order.number)
            yield ServerSentEvent(order, event="order", id=after)
        await asyncio.sleep(0.5)


# All orders of today, or those that a client has missed that lost the connection.
@app.get("/orders/live")
@kit.view
def show_live_orders() -> EventStream:
    after = EventStream.last_event_id() or LAST_OF_YESTERDAY
    return EventStream(watch_orders(after), retry=1000)


@app.get("/")
def index() -> str:
    return PAGE


PAGE = """\
<!doctype html>
<html lang="en">
<title>Streams</title>
<h1>Orders of today</h1>
<p><button id="add">Order a pencil</button>
<ul id="live"></ul>
<h1>All orders</h1>
<p><button id="read">Read them</button> <a href="/orders.csv">Save them</a>
<p id="read-so-far"></p>
<script>
const find = (id) => document.getElementById(id);

// Events, as they come. The browser connects anew by itself.
const events = new EventSource("/orders/live");
events.addEventListener("order", (event) => {
  const order = JSON.parse(event.data);
  const item = document.createElement("li");
  item.textContent = `No. ${order.number}: ${order.quantity} x ${order.article}`;
  find("live").append(item);
});
find("add").onclick = () => fetch("/orders", { method: "POST" });

// Rows, as they come: each line is one.
async function* fetchRows(url) {
  const response = await fetch(url, { headers: { Accept: "application/x-ndjson" } });
  if (!response.ok) throw new Error((await response.json()).title);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    // This throws if the connection breaks.
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\\n");
    rest = lines.pop();
    yield* lines.map((line) => JSON.parse(line));
  }
}
find("read").onclick = async () => {
  let count = 0, pencils = 0;
  try {
    for await (const order of fetchRows("/orders")) {
      count += 1;
      pencils += order.quantity;
      find("read-so-far").textContent = `${count} orders, ${pencils} pencils`;
    }
  } catch (error) {
    find("read-so-far").textContent = `Not all could be read: ${error.message}`;
  }
};
</script>
"""


if __name__ == "__main__":
    app.run()
