"""HTTP errors as problem details (RFC 9457)."""

from __future__ import annotations

import re
import typing as t

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from .typing import HeadersValue

#: A character of a name, and of a path (``reg-name``; ``pchar`` or a slash).
_NAME_CHARACTER = r"(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})"
_CHARACTER = rf"(?:{_NAME_CHARACTER}|[:@/])"
#: A URI reference (RFC 3986, appendix A): the scheme, or no colon before the first
#: slash; the authority, or no double slash; the path, the query and the fragment.
_URI_REFERENCE = (
    r"(?:[A-Za-z][A-Za-z0-9+.-]*:|(?![^/?#]*:))"
    rf"(?://(?:(?:{_NAME_CHARACTER}|:)*@)?(?:\[[0-9A-Fa-f:.]+\]|{_NAME_CHARACTER}*)"
    r"(?::[0-9]*)?(?=[/?#]|\Z)|(?!//))"
    rf"{_CHARACTER}*(?:\?(?:{_CHARACTER}|\?)*)?(?:#(?:{_CHARACTER}|\?)*)?"
)
#: The name of a header (RFC 9110, section 5.6.2).
_TOKEN = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"

#: What the value of a header cannot have (RFC 9110, section 5.5).
_CONTROL = r"[\x00-\x08\x0a-\x1f\x7f]"

#: The members that RFC 9457 names.
_RESERVED = frozenset({"type", "title", "status", "detail", "instance"})

_PASS = "pass it to __init__ for each problem"
#: What is no attribute of a class of problems, and what to do.
_OF_INSTANCES = {
    "status": "name it 'code'",
    "detail": "name it 'description'",
    "instance": _PASS,
    "headers": _PASS,
    "extensions": _PASS,
}

#: Depend on the form that the client gets.
_BODY_HEADERS = ("Content-Type", "Content-Length")

ErrorT = t.TypeVar("ErrorT", bound=HTTPException)


class Problem(HTTPException):
    """An HTTP error that says what is wrong, to programs as well (RFC 9457).

    Raise it, or return it from a view. The client gets it as
    ``application/problem+json``, ``application/problem+xml`` or a page of HTML.

    >>> problem = Problem(409, title="Out of stock", detail="No chairs left.", left=0)
    >>> problem.status, problem.title, problem.extensions
    (409, 'Out of stock', {'left': 0})

    A subclass may say ``code``, ``type``, ``title`` and ``description`` as attributes
    of the class.

    :param status: the status code, 400 to 599; that of the class if not given.
    :param title: names the kind of problem, the same each time. The phrase of the
        status if not given, such as "Not Found".
    :param detail: says what is wrong this time.
    :param type: a URI reference for the kind of problem, best one that leads to its
        documentation.
    :param instance: a URI reference for what is wrong this time.
    :param headers: sent as well, such as ``Retry-After``. Not ``Content-Type`` or
        ``Content-Length``, which depend on what the client accepts.
    :param extensions: what else the client is told, of any type that has a converter.
        Names that are taken by a parameter cannot be among them.
    :raises TypeError: if an argument is not what it should be, or there is no status.
    :raises ValueError: if the status is not that of an error, ``type`` or ``instance``
        is no URI reference, or a header cannot be sent.
    """

    #: Identifies the kind of problem.
    type: str = "about:blank"
    #: Names the kind of problem; ``None`` for the phrase of the status.
    title: str | None = None
    #: Identifies what is wrong this time.
    instance: str | None
    #: Sent with the response.
    headers: Headers
    #: The members beside those of RFC 9457.
    extensions: dict[str, object]

    def __init__(
        self,
        /,
        status: int | None = None,
        *,
        title: str | None = None,
        detail: str | None = None,
        type: str | None = None,
        instance: str | None = None,
        headers: HeadersValue | None = None,
        **extensions: object,
    ) -> None:
        if "description" in extensions:
            raise TypeError(
                "description= is what Werkzeug calls the detail. Give detail=, or"
                " another name to an extension member."
            )
        super().__init__(description=detail)
        if status is not None:
            self.code = status
        if title is not None:
            self.title = title
        if type is not None:
            self.type = type
        self.instance = instance
        _check_status(self.code)
        self.code = int(t.cast("int", self.code))
        _check_text("title", self.title)
        _check_text("detail", self.description)
        _check_uri("type", self.type)
        if instance is not None:
            _check_uri("instance", instance)
        self.headers = _make_headers(headers)
        self.extensions = extensions

    def __init_subclass__(cls, **kwargs: t.Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, instead in _OF_INSTANCES.items():
            # A property is the class's own way to say it.
            if name in vars(cls) and not hasattr(vars(cls)[name], "__get__"):
                raise TypeError(
                    f"{cls.__qualname__}.{name} would not be sent: {instead}."
                )

    def __str__(self) -> str:
        text = f"{self.code} {self.name}"
        return f"{text}: {self.description}" if self.description else text

    @property
    def status(self) -> int:
        """The status code."""
        return t.cast("int", self.code)

    @property
    def detail(self) -> str | None:
        """What is wrong this time."""
        return self.description

    @property
    def name(self) -> str:
        """The title."""
        return self.title or super().name

    def get_headers(
        self,
        environ: WSGIEnvironment | None = None,
        scope: dict[str, t.Any] | None = None,
    ) -> list[tuple[str, str]]:
        """The headers of a page of HTML, and those given."""
        return [*super().get_headers(environ, scope), *Headers(self.headers)]

    def __reduce__(self) -> tuple[t.Any, ...]:
        # A subclass may take other arguments than what it is made of in the end.
        return _restore, (self.__class__, self.args), vars(self)


def to_document(error: HTTPException) -> dict[str, t.Any]:
    """Make the members of a problem of an HTTP error (RFC 9457, section 3).

    A 500 says nothing of its cause, unless it is a :class:`Problem`.

    >>> to_document(Problem(409, left=0))
    {'type': 'about:blank', 'title': 'Conflict', 'status': 409, 'left': 0}
    """
    status = int(error.code or 500)
    document = {"type": "about:blank", "title": error.name, "status": status}
    if error.description and (isinstance(error, Problem) or status != 500):
        document["detail"] = str(error.description)
    if isinstance(error, Problem):
        document["type"] = error.type
        if error.instance is not None:
            document["instance"] = error.instance
        # The dict may have been changed since, and these names are taken.
        for name, value in error.extensions.items():
            if name not in _RESERVED:
                document[name] = value
    return document


def amend(
    error: ErrorT,
    *,
    status: int | None = None,
    headers: HeadersValue | None = None,
) -> ErrorT:
    """Copy an error, with another status, or with headers that it does not have.

    :param headers: only a :class:`Problem` has any.
    """
    copied = _restore(type(error), error.args)
    vars(copied).update(vars(error))
    if status is not None:
        copied.code = int(status)
    if isinstance(copied, Problem):
        own = Headers(copied.headers)
        for name, value in Headers(headers):
            if name not in copied.headers and name.title() not in _BODY_HEADERS:
                own.add(name, value)
        copied.headers = own
    return copied


def _restore(cls: type[ErrorT], args: tuple[t.Any, ...]) -> ErrorT:
    return cls.__new__(cls, *args)


def is_error_status(status: object) -> bool:
    """Whether a status is that of an error, of which there can be a problem."""
    return isinstance(status, int) and 400 <= status <= 599


def _check_status(status: object) -> None:
    if status is None:
        raise TypeError(
            "A problem has a status. Give one, such as Problem(404), or let the class"
            " have an attribute 'code'."
        )
    if isinstance(status, bool) or not isinstance(status, int):
        raise TypeError(f"status={status!r} is not a status code. Give a number.")
    if not is_error_status(status):
        raise ValueError(
            f"status={status!r} is not the status of an error. Give one from 400 to"
            " 599."
        )


def _check_text(name: str, value: object) -> None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name}={value!r} is not a text. Give a str.")


def _check_uri(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{name}={value!r} is not a URI reference. Give a str.")
    if not value or re.fullmatch(_URI_REFERENCE, value) is None:
        raise ValueError(
            f"{name}={value!r} is not a URI reference. Give one such as"
            " 'https://example.com/problems/out-of-stock', and encode what may be"
            " anything: urllib.parse.quote(request.path)."
        )


def _make_headers(headers: HeadersValue | None) -> Headers:
    try:
        made = Headers(headers)
        for name, value in made:
            value.encode("latin-1")
            if re.fullmatch(_TOKEN, name) is None:
                raise ValueError(f"{name!r} is no name")
            if re.search(_CONTROL, value):
                raise ValueError(f"{name!r} has a control character")
    except (AttributeError, TypeError) as error:
        raise TypeError(
            f"headers={headers!r} are no headers ({error}). Give a dict, or a list of"
            " pairs of text."
        ) from None
    except ValueError as error:
        raise ValueError(
            f"headers={headers!r} cannot be sent ({error}). Give names of letters,"
            " digits and '-', and values of one line in Latin-1."
        ) from None
    for name in _BODY_HEADERS:
        if name in made:
            raise ValueError(
                f"headers={headers!r} has {name}, which depends on what the client"
                " accepts. Leave it out."
            )
    return made
