"""What the current request asks for, and what became of it."""

from __future__ import annotations

import contextlib
import typing as t
import weakref

from flask import got_request_exception
from flask import has_request_context
from flask import request

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Flask

#: Where a request keeps that its dispatching has failed.
_FAILED: t.Final = "_responsekit_failed"
#: Where it keeps what closes the body that was made for it, if that is a stream.
_CLOSE: t.Final = "_responsekit_close"

#: Nothing is lost if such a request is refused after the view has run (RFC 9110,
#: section 9.2.1).
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def get_environ() -> WSGIEnvironment | None:
    """The WSGI environment; ``None`` outside of a request."""
    return request.environ if has_request_context() else None


def get_accept() -> str | None:
    """The header ``Accept``; ``None`` without it, and outside of a request."""
    try:
        return request.environ.get("HTTP_ACCEPT")
    except RuntimeError:
        # There is no request. To ask for that beforehand takes half as long again.
        return None


def is_committed() -> bool:
    """Whether it is too late to refuse the request: an error is being answered, or the
    view has changed something.
    """
    return has_request_context() and (
        has_failed() or request.method not in _SAFE_METHODS
    )


def note_failure() -> None:
    """Remember that from here on it is an error that is answered."""
    if has_request_context():
        # Not in the environ, which another app may be given afterwards.
        setattr(request, _FAILED, True)


def has_failed() -> bool:
    """Whether it is an error that is answered."""
    return has_request_context() and hasattr(request, _FAILED)


def note_stream(close: weakref.WeakMethod[t.Any]) -> None:
    """Remember how to close a body, without holding it."""
    if has_request_context():
        setattr(request, _CLOSE, close)


def close_stream() -> None:
    """Close a body that is not sent after all, since an error takes its place."""
    get_close = getattr(request, _CLOSE, None)
    close = get_close and get_close()
    if close is not None:
        # What goes wrong with that is logged, and must not hide the error.
        with contextlib.suppress(Exception):
            close()


def log_failure(app: Flask, error: Exception, doing: str) -> None:
    """Tell of an error that Flask does not get to see, as Flask would.

    :param doing: what was being done.
    """
    got_request_exception.send(app, _async_wrapper=app.ensure_sync, exception=error)
    place = f" on {request.path} [{request.method}]" if has_request_context() else ""
    app.logger.error("Exception while %s%s", doing, place, exc_info=error)
