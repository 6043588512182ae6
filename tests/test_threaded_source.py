from __future__ import annotations

import contextvars
import gc
import threading
import time
import weakref

import pytest
from flask import Flask
from flask import request

from flask_responsekit.source import QUIET
from flask_responsekit.threaded_source import ThreadedSource

NAME = "flask_responsekit.source"

variable = contextvars.ContextVar("variable")


class Thing:
    """Something that can be referred to weakly."""


class Rows:
    """An iterator that notes when it is closed, and may fail then."""

    def __init__(self, log, error=None):
        self.log = log
        self.error = error
        self.count = 3

    def __iter__(self):
        return self

    def __next__(self):
        self.count -= 1
        return self.count

    def close(self):
        self.log.append("rows")
        if self.error is not None:
            raise self.error


class Table:
    def __init__(self, log):
        self.log = log

    def __iter__(self):
        return Rows(self.log)

    def close(self):
        self.log.append("table")


def find_threads():
    return [thread for thread in threading.enumerate() if thread.name == NAME]


def gate_of_its_own():
    """Opens by itself, soon."""
    gate = threading.Event()
    threading.Timer(0.001, gate.set).start()
    return gate


def wait_until(condition):
    limit = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.001)


@pytest.fixture(autouse=True)
def no_threads_left():
    yield
    wait_until(lambda: not find_threads())


@pytest.fixture
def gate():
    """Lets a source go on; in any case at the end."""
    gate = threading.Event()
    yield gate
    gate.set()


def test_items_are_read_in_order_and_the_end_stays_the_end():
    source = ThreadedSource([1, 2, 3])
    assert source.read(None) == 1
    assert [*source] == [2, 3]
    for _ in range(2):
        with pytest.raises(StopIteration):
            source.read(None)
    source.close()


def test_items_are_read_in_another_thread_which_does_not_keep_a_server_from_stopping():
    source = ThreadedSource(threading.current_thread() for _ in range(2))
    thread = source.read(None)
    assert thread is not threading.current_thread()
    assert thread.daemon
    assert source.read(None) is thread
    source.close()
    assert not thread.is_alive()


def test_source_sees_what_its_maker_sees():
    def read():
        yield variable.get(), request.path

    with Flask("example").test_request_context("/path"):
        token = variable.set("set")
        source = ThreadedSource(read())
        variable.reset(token)
        assert source.read(None) == ("set", "/path")
        source.close()


def test_nothing_is_read_before_it_is_asked_for():
    asked = threading.Event()
    began_early = []

    def read():
        for number in (1, 2):
            began_early.append(not asked.is_set())
            yield number

    source = ThreadedSource(read())
    # A thread that did read would have had the time to.
    time.sleep(0.01)
    asked.set()
    assert source.read(None) == 1
    asked.clear()
    time.sleep(0.01)
    asked.set()
    assert source.read(None) == 2
    assert began_early == [False, False]
    source.close()


def test_item_that_did_not_come_in_time_is_not_lost(gate):
    def read():
        gate.wait()
        yield 1
        yield 2

    source = ThreadedSource(read())
    assert source.read(0.001) is QUIET
    assert source.read(0.001) is QUIET
    gate.set()
    assert [source.read(None), source.read(None)] == [1, 2]
    source.close()


@pytest.mark.parametrize("error", [LookupError("gone"), KeyboardInterrupt("stop")])
def test_error_is_raised_to_the_reader(error):
    def read():
        yield 1
        raise error

    source = ThreadedSource(read())
    assert source.read(None) == 1
    with pytest.raises(type(error)) as caught:
        source.read(None)
    assert caught.value is error
    source.close()


def test_no_thread_is_left_of_what_cannot_be_iterated():
    class Broken:
        def __iter__(self):
            raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        ThreadedSource(Broken())
    assert find_threads() == []


@pytest.mark.parametrize("count", [0, 1, 3])
def test_iterator_and_iterable_are_closed_once_by_the_caller(count):
    log = []
    source = ThreadedSource(Table(log))
    for _ in range(count):
        source.read(None)
    source.close()
    assert log == ["rows", "table"]
    assert find_threads() == []


def test_iterator_that_is_its_own_iterable_is_closed_once():
    log = []
    source = ThreadedSource(Rows(log))
    source.read(None)
    source.close()
    assert log == ["rows"]


def test_error_of_closing_is_raised_when_no_thread_is_left():
    source = ThreadedSource(Rows([], LookupError("gone")))
    with pytest.raises(LookupError, match="gone"):
        source.close()
    assert find_threads() == []


def test_what_is_being_read_is_closed_when_it_has_come(gate):
    log = []

    def read():
        try:
            gate.wait()
            yield 1
            log.append("read on")
        finally:
            log.append(threading.current_thread().name)

    source = ThreadedSource(read())
    assert source.read(0.001) is QUIET
    source.close()
    assert log == []
    gate.set()
    wait_until(lambda: log)
    assert log == [NAME]


def test_what_comes_while_it_is_left_is_closed_once():
    for _ in range(50):
        log = []

        def read(log=log):
            try:
                gate_of_its_own().wait()
                yield 1
            finally:
                log.append("closed")

        source = ThreadedSource(read())
        assert source.read(0) is QUIET
        source.close()
        wait_until(lambda: not find_threads())
        assert log == ["closed"]


def test_item_is_not_kept():
    source = ThreadedSource(Thing() for _ in range(2))
    found = weakref.ref(source.read(None))
    wait_until(lambda: gc.collect() is not None and found() is None)
    source.close()
