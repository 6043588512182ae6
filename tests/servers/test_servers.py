"""Stream from real servers, to clients that stay and to clients that leave."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

#: For how long to wait for what must happen, in seconds.
LIMIT = 30
#: How many clients leave, where nothing may be left of them.
LEAVING = 4

GUNICORN = ("gunicorn", "--bind=127.0.0.1:0", "--no-control-socket", "--timeout=120")
#: How servers are started. With the port 0 they take one that is free, and tell it.
SERVERS = {
    "flask": ("flask", "--app=app", "run", "--port=0"),
    "gunicorn-sync": (*GUNICORN, "--worker-class=sync", "app:app"),
    "gunicorn-gthread": (*GUNICORN, "--worker-class=gthread", "--threads=8", "app:app"),
    "gunicorn-gevent": (*GUNICORN, "--worker-class=gevent", "app:app"),
    "waitress": ("waitress", "--listen=127.0.0.1:0", "app:app"),
    "asgiref": ("uvicorn", "--port=0", "app:asgi_app"),
}
#: This one does not tell the app that the client has left: it neither raises an error
#: nor calls ``close()``.
UNAWARE = {"asgiref"}
#: These serve one client after the other.
SERIAL = {"gunicorn-sync", "asgiref"}

ROW = b'{"n":%d}\n'
EVENT = b'data: {"n":%d}\n\n'
PING = b": ping\n"
KINDS = {
    "rows": ROW,
    "async-rows": ROW,
    "events": EVENT,
    "pinged-events": EVENT,
    "async-events": EVENT,
}


def wait_for(condition):
    """Poll until a condition holds."""
    deadline = time.monotonic() + LIMIT
    while not (found := condition()):
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.02)
    return found


class Server:
    """A running server, its app, and what they tell."""

    def __init__(self, name, directory):
        self.name = name
        self.directory = directory
        self.paths = []
        self.begin = 0
        with open(directory / "log", "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *SERVERS[name]],
                cwd=Path(__file__).parent,
                env={**os.environ, "STREAMS": str(directory), "PYTHONUNBUFFERED": "1"},
                stdout=log,
                stderr=subprocess.STDOUT,
                # A group of its own, so that it is stopped with all its workers.
                start_new_session=True,
            )

    def find_port(self):
        address = re.compile(r"http://127\.0\.0\.1:(\d+)\D")
        found = wait_for(
            lambda: address.search(self.log) or self.process.poll() is not None
        )
        assert self.process.poll() is None, self.log
        self.port = int(found[1])

    def kill(self):
        # If it has ended, its id may be that of another process by now.
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    @property
    def log(self):
        return (self.directory / "log").read_text()

    def get_news(self):
        """What was logged in this test."""
        return self.log[self.begin :]

    def name_path(self, kind, plan):
        """A path that no other request has."""
        self.paths.append(f"/{kind}/{plan}/{len(self.paths)}")
        return self.paths[-1]

    @contextlib.contextmanager
    def open(self, path, method="GET"):
        """Send a request; leave at the end, whatever is still to come."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
        accept = "application/x-ndjson, application/json;q=0.5"
        headers = {"Accept": accept, "Connection": "close"}
        with contextlib.closing(connection):
            connection.request(method, path, headers=headers)
            with connection.getresponse() as response:
                yield response

    def let_go(self, path):
        """Let a source go on that waits; let one end that is endless."""
        (self.directory / path.rpartition("/")[2]).touch()

    def wait_for_events(self, path, *events):
        """Wait for what is to happen to a stream.

        :return: all that happened to it.
        """
        log = self.directory / "events"

        def get_events():
            lines = log.read_text().splitlines() if log.exists() else []
            found = [line.partition(" ")[0] for line in lines if line.endswith(path)]
            return found if {*events} <= {*found} else None

        return wait_for(get_events)

    def get_state(self):
        with self.open("/state") as response:
            return json.load(response)


@pytest.fixture(scope="module")
def launch(tmp_path_factory):
    """Start a server. All of them are killed in the end."""
    with contextlib.ExitStack() as stack:

        def launch(name):
            server = Server(name, tmp_path_factory.mktemp(name))
            stack.callback(server.kill)
            server.find_port()
            return server

        yield launch


@pytest.fixture(scope="module")
def running():
    """The servers that were started, by name."""
    return {}


@pytest.fixture(params=SERVERS)
def server(request, launch, running):
    """A running server, which is left as it was found."""
    if request.param not in running:
        running[request.param] = launch(request.param)
    server = running[request.param]
    server.begin = len(server.log)
    yield server
    for path in server.paths:
        server.let_go(path)
    # Shown if the test has failed.
    print(server.get_news())


each_kind = pytest.mark.parametrize("kind", KINDS)
aware = pytest.mark.parametrize("server", sorted({*SERVERS} - UNAWARE), indirect=True)
unaware = pytest.mark.parametrize("server", sorted(UNAWARE), indirect=True)
concurrent = pytest.mark.parametrize(
    "server", sorted({*SERVERS} - SERIAL), indirect=True
)


def write(kind, numbers):
    return b"".join(KINDS[kind] % number for number in numbers)


def read_first(response):
    """Read the first line that is no ping."""
    assert response.status == 200
    return next(line for line in iter(response.readline, b"") if line[:1] not in b":\n")


def without_pings(body):
    return body.replace(PING + b"\n", b"")


def leave(server, path):
    with server.open(path) as response:
        read_first(response)


@each_kind
def test_stream_arrives_while_its_source_waits_and_ends_as_it_should(server, kind):
    path = server.name_path(kind, "finite")
    with server.open(path) as response:
        assert response.getheader("Transfer-Encoding") == "chunked"
        first = read_first(response)
        server.let_go(path)
        # This fails without the chunk that ends the body.
        body = first + response.read()
    assert without_pings(body) == write(kind, range(500))
    assert server.wait_for_events(path, "over") == ["closed", "over"]


@concurrent
@each_kind
def test_streams_run_side_by_side_and_leave_each_other_alone(server, kind):
    waiting = server.name_path(kind, "finite")
    other = server.name_path(kind, "endless")
    with server.open(waiting) as response:
        first = read_first(response)
        leave(server, other)
        server.wait_for_events(other, "closed", "over")
        server.let_go(waiting)
        body = first + response.read()
    assert without_pings(body) == write(kind, range(500))


@aware
@each_kind
def test_source_is_closed_when_client_leaves(server, kind):
    path = server.name_path(kind, "endless")
    leave(server, path)
    events = server.wait_for_events(path, "closed", "over")
    if kind == "pinged-events":
        # What the thread is reading ends when it ends.
        events.sort()
    assert events == ["closed", "over"]


@unaware
@each_kind
def test_source_is_closed_when_it_ends_though_nobody_tells_that_client_left(
    server, kind
):
    path = server.name_path(kind, "finite")
    leave(server, path)
    server.let_go(path)
    assert server.wait_for_events(path, "over") == ["closed", "over"]


@each_kind
def test_nothing_is_left_of_clients_that_left(server, kind):
    def leave_and_wait():
        path = server.name_path(kind, "endless")
        leave(server, path)
        if server.name in UNAWARE:
            server.let_go(path)
        server.wait_for_events(path, "closed", "over")

    # What is made once, for all, is made for the first.
    leave_and_wait()
    before = server.get_state()["files"]
    for _ in range(LEAVING):
        leave_and_wait()

    def is_clean():
        state = server.get_state()
        is_alone = "flask_responsekit.source" not in state["threads"]
        return is_alone and state["files"] <= before

    wait_for(is_clean)


def read_ping(server, path):
    with server.open(path) as response:
        read_first(response)
        assert PING in iter(response.readline, b"")


@aware
def test_ping_finds_out_that_client_left_and_closes_async_source(server):
    path = server.name_path("async-events", "quiet")
    read_ping(server, path)
    assert server.wait_for_events(path, "over") == ["closed", "over"]


@aware
def test_ping_finds_out_that_client_left_and_source_in_thread_is_closed_later(server):
    path = server.name_path("pinged-events", "quiet")
    read_ping(server, path)
    assert server.wait_for_events(path, "over") == ["over"]
    server.let_go(path)
    assert server.wait_for_events(path, "closed") == ["over", "closed"]


@each_kind
def test_error_half_way_breaks_connection_after_what_was_whole(server, kind):
    path = server.name_path(kind, "broken")
    with server.open(path) as response:
        first = read_first(response)
        server.let_go(path)
        with pytest.raises(http.client.IncompleteRead) as caught:
            response.read()
    assert without_pings(first + caught.value.partial) == write(kind, [0, 1])
    assert server.wait_for_events(path, "over") == ["closed", "over"]
    record = f"Exception while a stream was sent on {path} [GET]"
    wait_for(lambda: record in server.log)
    assert server.log.count(record) == 1


@pytest.mark.parametrize(
    ("plan", "status"),
    [
        pytest.param("refused", 409, id="abort"),
        pytest.param("failing", 500, id="error"),
    ],
)
@each_kind
def test_error_before_first_item_is_answered(server, kind, plan, status):
    path = server.name_path(kind, plan)
    with server.open(path) as response:
        assert response.status == status
        assert response.getheader("Content-Type") == "application/problem+json"
        body = response.read()
    assert json.loads(body)["status"] == status
    assert b"secret" not in body
    assert server.wait_for_events(path, "over") == ["closed", "over"]


@each_kind
def test_head_closes_source(server, kind):
    path = server.name_path(kind, "endless")
    with server.open(path, "HEAD") as response:
        assert response.status == 200
        assert response.read() == b""
    assert server.wait_for_events(path, "over") == ["closed", "over"]
    # Such as from a source that is closed when the request is gone.
    assert "Exception ignored" not in server.get_news()


@pytest.mark.parametrize("kind", ["rows", "pinged-events", "async-events"])
@pytest.mark.parametrize(
    ("name", "number", "sign"),
    [
        pytest.param("gunicorn-sync", "SIGTERM", "signal: term", id="gunicorn-sync"),
        pytest.param("gunicorn-gthread", "SIGTERM", "signal: term", id="gthread"),
        pytest.param("gunicorn-gevent", "SIGTERM", "signal: term", id="gevent"),
        # It does not tell, and waits for 5 seconds.
        pytest.param("waitress", "SIGINT", "", id="waitress"),
        pytest.param("asgiref", "SIGTERM", "Shutting down", id="asgiref"),
    ],
)
def test_server_that_stops_gracefully_lets_stream_end(launch, name, number, sign, kind):
    server = launch(name)
    path = server.name_path(kind, "finite")
    with server.open(path) as response:
        first = read_first(response)
        server.process.send_signal(signal.Signals[number])
        wait_for(lambda: sign in server.log)
        server.let_go(path)
        body = first + response.read()
    assert without_pings(body) == write(kind, range(500))
    server.process.wait(LIMIT)
    assert server.wait_for_events(path, "over") == ["closed", "over"]


@pytest.mark.parametrize("kind", ["rows", "events", "async-rows", "async-events"])
def test_worker_that_stops_at_once_closes_source(launch, kind):
    server = launch("gunicorn-sync")
    path = server.name_path(kind, "finite")
    with server.open(path) as response:
        read_first(response)
        server.process.send_signal(signal.SIGQUIT)
        assert server.wait_for_events(path, "over") == ["closed", "over"]
        with pytest.raises(http.client.IncompleteRead):
            response.read()
