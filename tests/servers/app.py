"""What the servers serve: streams of each kind, whose sources write down their end.

The environment variable ``STREAMS`` names a directory. There, the file ``events`` gets
a line for each source that is closed, and for each request that is over; and a source
that waits goes on when there is a file that is named as its stream is.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import threading
import time
from pathlib import Path

from asgiref.wsgi import WsgiToAsgi
from flask import Flask
from flask import g
from flask import request
from werkzeug.exceptions import Conflict

from flask_responsekit import EventStream
from flask_responsekit import ResponseKit

DIRECTORY = Path(os.environ["STREAMS"])
#: What a plan has in place of a number: to wait for the file, or for a moment.
WAIT = object()
PAUSE = object()

PLANS = {
    "finite": lambda: [0, WAIT, *range(1, 500)],
    # The same, but with many pings.
    "quiet": lambda: [0, WAIT, *range(1, 500)],
    "endless": lambda: itertools.chain.from_iterable(
        (number, PAUSE) for number in itertools.count()
    ),
    "broken": lambda: [0, WAIT, 1, RuntimeError("secret")],
    "refused": lambda: [Conflict("Not now.")],
    "failing": lambda: [RuntimeError("secret")],
}

app = Flask(__name__)
kit = ResponseKit(app, renderers=["json", "ndjson"])
asgi_app = WsgiToAsgi(app)


def note(event):
    # This fails if the request is not there any more.
    line = f"{event} {request.path}\n"
    with open(DIRECTORY / "events", "a") as file:
        file.write(line)


def read(plan, name):
    go = DIRECTORY / name
    try:
        for step in PLANS[plan]():
            if isinstance(step, Exception):
                raise step
            if step is WAIT:
                while not go.exists():
                    time.sleep(0.01)
            elif step is PAUSE:
                time.sleep(0.02)
                if go.exists():
                    return
            else:
                yield {"n": step}
    finally:
        note("closed")


async def read_async(plan, name):
    go = DIRECTORY / name
    try:
        for step in PLANS[plan]():
            if isinstance(step, Exception):
                raise step
            if step is WAIT:
                while not go.exists():
                    await asyncio.sleep(0.01)
            elif step is PAUSE:
                await asyncio.sleep(0.02)
                if go.exists():
                    return
            else:
                yield {"n": step}
    finally:
        # A source may have to wait for what it closes.
        await asyncio.sleep(0)
        note("closed")


def keep(source):
    """Hold a source while the request lasts, so that nothing but closing closes it."""
    g.source = source
    return source


def choose_ping(plan):
    return 0.2 if plan == "quiet" else 15


@app.get("/rows/<plan>/<name>")
def stream_rows(plan, name):
    return kit.stream(keep(read(plan, name)))


@app.get("/async-rows/<plan>/<name>")
def stream_async_rows(plan, name):
    return kit.stream(keep(read_async(plan, name)))


@app.get("/events/<plan>/<name>")
def stream_events(plan, name):
    return EventStream(keep(read(plan, name)), ping=None)


@app.get("/pinged-events/<plan>/<name>")
def stream_pinged_events(plan, name):
    return EventStream(keep(read(plan, name)), ping=choose_ping(plan))


@app.get("/async-events/<plan>/<name>")
def stream_async_events(plan, name):
    return EventStream(keep(read_async(plan, name)), ping=choose_ping(plan))


@app.get("/state")
def show_state():
    threads = [thread.name for thread in threading.enumerate()]
    return {"threads": threads, "files": len(os.listdir("/dev/fd"))}


@app.teardown_request
def note_teardown(error):
    note("over")
