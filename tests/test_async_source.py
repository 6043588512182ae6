from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import contextvars
import gc
import sys
import threading
import time
import types

import flask
import pytest
from flask import Flask
from flask import request
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from flask_responsekit import ResponseKit
from flask_responsekit.async_source import AsyncSource
from flask_responsekit.source import QUIET

variable = contextvars.ContextVar("variable")


class Rows:
    """An async iterator of numbers, without ``aclose``."""

    def __init__(self, count=3):
        self.numbers = iter(range(1, count + 1))

    def __aiter__(self):
        return self

    async def __anext__(self):
        for number in self.numbers:
            return number
        raise StopAsyncIteration


class ClosableRows(Rows):
    """The same with ``aclose``, which takes its time and may fail."""

    def __init__(self, log, error=None):
        super().__init__()
        self.log = log
        self.error = error

    async def aclose(self):
        await asyncio.sleep(0)
        self.log.append("rows")
        if self.error is not None:
            raise self.error


class Table:
    """An async iterable with an iterator of its own, and ``aclose`` for both."""

    def __init__(self, log, error=None):
        self.rows = ClosableRows(log, error)
        self.log = log

    def __aiter__(self):
        return self.rows

    async def aclose(self):
        self.log.append("table")


class Counter:
    """Counts what is read of it."""

    def __init__(self):
        self.count = 0

    async def read(self, most):
        for _ in range(most):
            self.count += 1
            yield self.count


async def generate(*items, error=None):
    for item in items:
        yield item
    if error is not None:
        raise error


async def wait_until(condition):
    while not condition():
        await asyncio.sleep(0.001)


@pytest.fixture(scope="module", autouse=True)
def quick_collection():
    """Have the garbage collector look at what these tests make, and no more."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def nothing_left(caplog):
    """There are no threads, no loops, and no tasks that somebody has forgotten."""
    threads = {*threading.enumerate()}
    yield
    gc.collect()
    limit = time.monotonic() + 30
    while not {*threading.enumerate()} <= threads:
        # Those in which asgiref runs async views are on their way.
        assert time.monotonic() < limit
        time.sleep(0.001)
    forgotten = [one for one in caplog.records if one.name == "asyncio"]
    assert [one.getMessage() for one in forgotten] == []


@pytest.fixture(params=[False, True], ids=["without loop", "within a loop"])
def run(request):
    """Calls a function, perhaps while an event loop runs in this thread."""

    def run(function):
        async def call():
            return function()

        return asyncio.run(call()) if request.param else function()

    return run


# Reading.


@pytest.mark.parametrize("ahead", [1, 512])
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: generate(1, 2, 3), id="generator"),
        pytest.param(Rows, id="iterator"),
        pytest.param(lambda: ClosableRows([]), id="closable-iterator"),
        pytest.param(lambda: Table([]), id="iterable"),
    ],
)
def test_items_come_in_order(make, ahead, run):
    def read():
        with contextlib.closing(AsyncSource(make(), ahead=ahead)) as source:
            first, *others = source.read(None), *source
            with pytest.raises(StopIteration):
                source.read(None)
            return [first, *others]

    assert run(read) == [1, 2, 3]


@settings(deadline=None, max_examples=30)
@given(
    items=st.lists(st.tuples(st.integers(), st.booleans())),
    ahead=st.integers(min_value=1, max_value=5),
)
def test_no_item_is_lost_however_they_come(items, ahead):
    async def read():
        for item, is_waited_for in items:
            if is_waited_for:
                await asyncio.sleep(0)
            yield item

    with contextlib.closing(AsyncSource(read(), ahead=ahead)) as source:
        assert [item for item in source if item is not QUIET] == [
            item for item, _ in items
        ]


def test_nothing_is_read_before_it_is_asked_for():
    counter = Counter()
    with contextlib.closing(AsyncSource(counter.read(100), ahead=10)) as source:
        assert counter.count == 0
        for number in range(1, 51):
            assert source.read(None) == number
            assert number <= counter.count < number + 10


def test_one_item_is_read_at_a_time_if_none_is_to_be_read_ahead():
    counter = Counter()
    with contextlib.closing(AsyncSource(counter.read(100), ahead=1)) as source:
        for number in range(1, 6):
            assert source.read(None) == number == counter.count


def test_item_that_did_not_come_in_time_is_not_lost(run):
    is_due = []

    async def read():
        await wait_until(lambda: is_due)
        yield 1
        yield 2

    def use():
        with contextlib.closing(AsyncSource(read(), ahead=1)) as source:
            outcomes = [source.read(0.001), source.read(0.001)]
            is_due.append(True)
            return [*outcomes, source.read(None), source.read(None)]

    assert run(use) == [QUIET, QUIET, 1, 2]


def test_iteration_tells_once_that_nothing_comes():
    is_due = []

    async def read():
        yield 1
        await wait_until(lambda: is_due)
        # More than the time after which it is told.
        await asyncio.sleep(0.2)
        yield 2
        await wait_until(lambda: len(is_due) == 2)
        yield 3

    with contextlib.closing(AsyncSource(read(), ahead=5)) as source:
        items = iter(source)
        assert [next(items), next(items)] == [1, QUIET]
        is_due.append(True)
        assert [next(items), next(items)] == [2, QUIET]
        is_due.append(True)
        assert [*items] == [3]


def test_items_are_not_read_ahead_for_long():
    """What has come is to be used, though more comes without waiting."""
    counter = Counter()

    async def read():
        async for number in counter.read(1000):
            threading.Event().wait(0.06)
            yield number

    with contextlib.closing(AsyncSource(read(), ahead=1000)) as source:
        assert source.read(None) == 1
        assert counter.count < 10


def test_source_sees_what_its_reader_sees(run):
    async def read():
        yield variable.get()
        await asyncio.sleep(0)
        yield variable.get()

    def use():
        token = variable.set("set")
        with contextlib.closing(AsyncSource(read(), ahead=1)) as source:
            items = [*source]
        variable.reset(token)
        return items

    assert run(use) == ["set", "set"]


# Errors.


@pytest.mark.parametrize("ahead", [1, 512])
@pytest.mark.parametrize("items", [(), (1,), (1, 2)])
def test_error_comes_after_the_items_before_it(items, ahead, run):
    def use():
        error = LookupError("gone")
        with contextlib.closing(
            AsyncSource(generate(*items, error=error), ahead=ahead)
        ) as source:
            found = [source.read(None) for _ in items]
            with pytest.raises(LookupError, match="gone"):
                source.read(None)
            return found

    assert run(use) == [*items]


def test_iteration_raises_the_error_of_the_source():
    source = AsyncSource(generate(1, error=LookupError("gone")), ahead=5)
    items = iter(source)
    assert next(items) == 1
    with pytest.raises(LookupError, match="gone"):
        next(items)
    source.close()


def test_nothing_is_left_of_what_cannot_be_iterated():
    class Broken:
        def __aiter__(self):
            raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        AsyncSource(Broken(), ahead=1)


def test_error_for_which_nobody_has_asked_is_not_told_of_by_asyncio():
    source = AsyncSource(generate(1, error=LookupError("gone")), ahead=5)
    assert source.read(None) == 1
    source.close()


# Closing.


@pytest.mark.parametrize("reads", [0, 1, 3])
@pytest.mark.parametrize(
    ("make", "expected"),
    [
        pytest.param(ClosableRows, ["rows"], id="iterator"),
        pytest.param(Table, ["rows", "table"], id="iterable"),
    ],
)
def test_each_part_is_closed_once(make, expected, reads):
    log = []
    source = AsyncSource(make(log), ahead=2)
    for _ in range(reads):
        source.read(None)
    source.close()
    source.close()
    assert log == expected


def test_iterable_is_closed_though_its_iterator_fails():
    log = []
    source = AsyncSource(Table(log, LookupError("gone")), ahead=1)
    with pytest.raises(LookupError, match="gone"):
        source.close()
    assert log == ["rows", "table"]


@pytest.mark.parametrize(
    "ahead", [pytest.param(1, id="paused"), pytest.param(2, id="waiting")]
)
def test_generator_may_wait_while_it_is_closed(ahead, run):
    log = []

    async def read():
        try:
            yield 1
            await asyncio.sleep(1000)
        finally:
            log.append("closing")
            await asyncio.sleep(0.001)
            log.append("closed")

    def use():
        source = AsyncSource(read(), ahead=ahead)
        assert source.read(None) == 1
        source.close()

    run(use)
    assert log == ["closing", "closed"]


@pytest.mark.parametrize("is_waiting", [False, True])
def test_error_of_closing_is_raised(is_waiting):
    async def read():
        try:
            yield 1
            await asyncio.sleep(1000)
        finally:
            raise LookupError("gone")

    source = AsyncSource(read(), ahead=1)
    assert source.read(None) == 1
    if is_waiting:
        assert source.read(0.01) is QUIET
    with pytest.raises(LookupError, match="gone"):
        source.close()


def test_item_that_comes_of_a_cancellation_is_not_waited_for():
    async def read():
        yield 1
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(1000)
        yield 2

    source = AsyncSource(read(), ahead=1)
    assert source.read(None) == 1
    assert source.read(0.01) is QUIET
    # It ends, and does not wait for somebody who wants the item.
    source.close()


def test_source_that_goes_on_though_it_is_cancelled_is_closed():
    log = []

    async def read():
        try:
            while True:
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(0.001)
                yield len(log)
        finally:
            log.append("closed")

    source = AsyncSource(read(), ahead=5)
    assert source.read(None) == 0
    source.close()
    assert log == ["closed"]


def test_threads_and_tasks_of_a_source_end_with_it(run):
    log = []

    async def tick():
        try:
            await asyncio.sleep(1000)
        finally:
            log.append("cancelled")

    async def read():
        task = asyncio.create_task(tick())
        yield await asyncio.to_thread(threading.current_thread)
        yield await asyncio.to_thread(threading.current_thread)
        await task

    def use():
        source = AsyncSource(read(), ahead=1)
        thread = source.read(None)
        assert thread.is_alive()
        source.close()
        return thread

    assert not run(use).is_alive()
    assert log == ["cancelled"]


def test_task_that_a_source_leaves_behind_at_its_end_is_cancelled():
    log = []

    async def tick():
        try:
            await asyncio.sleep(1000)
        finally:
            log.append("cancelled")

    async def read():
        try:
            yield 1
            yield 2
        finally:
            tasks.append(asyncio.create_task(tick()))
            await asyncio.sleep(0)

    tasks = []
    source = AsyncSource(read(), ahead=1)
    assert source.read(None) == 1
    source.close()
    assert log == ["cancelled"]


def test_generators_inside_a_source_are_closed():
    log = []

    async def inner():
        try:
            yield 1
            yield 2
        finally:
            log.append("closed")

    async def read():
        # Left without being closed.
        kept.append(inner())
        async for item in kept[0]:
            yield item
            return

    kept = []
    source = AsyncSource(read(), ahead=1)
    assert [*source] == [1]
    source.close()
    assert log == ["closed"]


# In an app.


def make_app(view, log):
    app = Flask("example")
    kit = ResponseKit(app, renderers=["ndjson"])
    app.teardown_request(lambda error: log.append("request"))
    app.teardown_appcontext(lambda error: log.append("app"))

    async def read():
        try:
            task = asyncio.create_task(asyncio.sleep(1000))
            for number in range(3):
                await asyncio.sleep(0)
                path = await asyncio.to_thread(lambda: request.path)
                flask.g.seen = [*flask.g.get("seen", ()), number]
                yield {"number": number, "path": path, "seen": flask.g.seen}
            await task
        finally:
            await asyncio.sleep(0)
            log.append(request.path)

    def show():
        return kit.stream(read(), chunk_size=1)

    async def show_async():
        await asyncio.sleep(0)
        return show()

    views = {"sync": show, "async": show_async, "typed": kit.view(show_async)}
    app.add_url_rule("/rows", view_func=views[view], endpoint="rows")
    return app


@pytest.mark.parametrize("view", ["sync", "async", "typed"])
def test_rows_are_read_in_the_request(view):
    log = []
    with make_app(view, log).test_client().get("/rows", buffered=False) as response:
        chunks = iter(response.response)
        found = b"".join(next(chunks) for _ in range(3))
        assert log == []
    assert found.splitlines() == [
        b'{"number":0,"path":"/rows","seen":[0]}',
        b'{"number":1,"path":"/rows","seen":[0,1]}',
        b'{"number":2,"path":"/rows","seen":[0,1,2]}',
    ]
    assert log == ["/rows", "request", "app"]
    assert not flask.has_request_context()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_rows_are_read_while_another_loop_runs_in_the_thread(method):
    log = []

    async def main():
        client = make_app("sync", log).test_client()
        response = client.open("/rows", method=method, buffered=False)
        chunk = next(iter(response.response), b"")
        response.close()
        return chunk

    chunk = asyncio.run(main())
    first = b'{"number":0,"path":"/rows","seen":[0]}\n'
    assert chunk == (first if method == "GET" else b"")
    assert log == ["/rows", "request", "app"]
    assert not flask.has_request_context()


@pytest.mark.parametrize("view", ["sync", "async", "typed"])
def test_error_of_the_first_row_is_answered(view):
    async def read():
        await asyncio.sleep(0)
        flask.abort(404)
        yield

    app = Flask("example")
    kit = ResponseKit(app)

    def show():
        return kit.stream(read())

    async def show_async():
        return show()

    views = {"sync": show, "async": show_async, "typed": kit.view(show_async)}
    app.add_url_rule("/", view_func=views[view], endpoint="rows")
    response = app.test_client().get("/", headers={"Accept": "application/json"})
    assert (response.status_code, response.mimetype) == (
        404,
        "application/problem+json",
    )


# Greenlets


def test_greenlets_have_a_thread_of_their_own_for_a_loop(monkeypatch):
    pools = []

    def make_pool(size):
        pools.append((size, concurrent.futures.ThreadPoolExecutor(size)))
        return pools[-1][1]

    monkey = types.SimpleNamespace(is_module_patched={"threading": True}.get)
    pool = types.SimpleNamespace(ThreadPoolExecutor=make_pool)
    monkeypatch.setitem(sys.modules, "gevent.monkey", monkey)
    monkeypatch.setitem(sys.modules, "gevent.threadpool", pool)
    threads = []

    async def read():
        threads.append(threading.get_ident())
        yield 1
        threads.append(threading.get_ident())

    source = AsyncSource(read(), ahead=1)
    assert [*source] == [1]
    source.close()
    assert len({*threads}) == 1
    assert threading.get_ident() not in threads
    [(size, executor)] = pools
    assert size == 1
    with pytest.raises(RuntimeError, match="after shutdown"):
        executor.submit(print)


def test_gevent_that_has_patched_nothing_changes_nothing(monkeypatch):
    monkey = types.SimpleNamespace(is_module_patched={}.get)
    monkeypatch.setitem(sys.modules, "gevent.monkey", monkey)

    async def read():
        yield threading.get_ident()

    source = AsyncSource(read(), ahead=1)
    assert [*source] == [threading.get_ident()]
    source.close()


# Cursors, whose method "close" is awaited or not.


@pytest.mark.parametrize("is_awaited", [True, False])
def test_cursor_is_closed_by_its_own_method(is_awaited):
    log = []

    class Cursor(Rows):
        def close(self):
            log.append("called")
            return self.finish() if is_awaited else None

        async def finish(self):
            log.append("awaited")

    source = AsyncSource(Cursor(), ahead=1)
    assert [*source] == [1, 2, 3]
    source.close()
    assert log == (["called", "awaited"] if is_awaited else ["called"])


def test_cancelled_source_is_an_error_that_an_app_can_handle():
    async def wait():
        await asyncio.sleep(1000)

    async def read():
        task = asyncio.create_task(wait())
        task.cancel()
        yield await task

    source = AsyncSource(read(), ahead=1)
    with pytest.raises(RuntimeError, match="read.* was cancelled while it was read"):
        source.read(None)
    source.close()


def test_first_item_is_given_before_the_second_is_asked_for():
    asked = []

    async def read():
        for number in range(100):
            asked.append(number)
            yield number

    source = AsyncSource(read(), ahead=100)
    assert source.read(None) == 0
    assert asked == [0]
    assert [*source] == [*range(1, 100)]
    source.close()
