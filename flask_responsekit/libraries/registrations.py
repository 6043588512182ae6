"""The types of other libraries, by their public names, as one table.

None of the libraries is imported here, and what knows one is imported when the first
value of its types comes.
"""

from __future__ import annotations

import collections.abc as cabc
import functools
import importlib
import sys
import typing as t

from ..registration import find_public_name
from ..registration import Parts
from ..registration import Registration

#: Plain data: the module beside this one, and the function in it that makes something
#: simpler of a value.
_DATA: dict[str, tuple[str, str]] = {
    "numpy.ndarray": ("numpy", "list_items"),
    "numpy.generic": ("numpy", "get_item"),
    "pandas.DataFrame": ("pandas", "list_records"),
    "pandas.Series": ("pandas", "list_values"),
    "pandas.Index": ("pandas", "list_values"),
    "polars.DataFrame": ("polars", "list_records"),
    "polars.Series": ("polars", "list_values"),
    "pyarrow.Table": ("pyarrow", "list_records"),
    "pyarrow.RecordBatch": ("pyarrow", "list_records"),
    "pyarrow.Array": ("pyarrow", "list_values"),
    "pyarrow.ChunkedArray": ("pyarrow", "list_values"),
    "pyarrow.Scalar": ("pyarrow", "get_item"),
    "sqlalchemy.engine.Row": ("sqlalchemy", "to_dict"),
    "sqlalchemy.engine.RowMapping": ("sqlalchemy", "to_dict"),
}

#: What would be taken for the body of a response, since it is an iterator.
_RESULTS = (
    "sqlalchemy.engine.Result",
    "sqlalchemy.engine.MappingResult",
    "sqlalchemy.engine.ScalarResult",
)

#: What can also be sent in formats of its own.
_REPRESENTED = (
    *("pandas.DataFrame", "pandas.Series", "polars.DataFrame", "polars.Series"),
    *("pyarrow.Table", "pyarrow.RecordBatch"),
)

#: What is a column by itself.
_SERIES = ("pandas.Series", "polars.Series")

#: What is no data, and can be sent in several formats.
_PICTURES = {"PIL.Image.Image": "pillow", "matplotlib.figure.Figure": "matplotlib"}

#: Short names of what is sent as these media types.
MIMETYPES: t.Final[dict[str, str]] = {
    "arrow": "application/vnd.apache.arrow.stream",
    "avif": "image/avif",
    "html": "text/html",
    "jpeg": "image/jpeg",
    "parquet": "application/vnd.apache.parquet",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "webp": "image/webp",
}
#: What values of these libraries can be sent as, whatever is enabled.
_NAMES: dict[str, tuple[str, ...]] = {
    "pandas": ("csv", "parquet", "html"),
    "polars": ("csv", "parquet", "html"),
    "pyarrow": ("csv", "parquet", "arrow", "html"),
    "PIL": ("png", "jpeg", "webp", "avif"),
    "matplotlib": ("png", "svg", "pdf"),
}

#: Documents, by their media types.
_TREES = {
    "lxml.etree._Element": "application/xml",
    "lxml.etree._ElementTree": "application/xml",
    "lxml.html.HtmlElement": "text/html",
}


def _find(module: str, name: str) -> cabc.Callable[..., t.Any]:
    """A function of one of the modules beside this one, which is imported when it is
    called first.
    """

    @functools.cache
    def load() -> cabc.Callable[..., t.Any]:
        found: cabc.Callable[..., t.Any]
        found = getattr(importlib.import_module(f"..{module}", __name__), name)
        return found

    return lambda *args: load()(*args)


def is_representation(name: str) -> bool:
    """Whether values of a library that is loaded can be sent as what is called so."""
    return any(name in names and root in sys.modules for root, names in _NAMES.items())


def find_csv_writer(
    cls: type,
) -> cabc.Callable[[t.Any, str, cabc.Callable[[type], bool]], bytes | None] | None:
    """What writes frames of a class as CSV by their own means; ``None`` if values of
    the class are no frames.
    """
    module = _find_module(cls, _REPRESENTED)
    return None if module is None else _find(module, "write_csv")


def open_series(value: t.Any) -> t.Any:
    """Make a frame of one column of a series, which has a header then; what is no
    series stays what it is.
    """
    module = _find_module(type(value), _SERIES)
    return value if module is None else _find(module, "make_frame")(value)


def _find_module(cls: type, keys: cabc.Iterable[str]) -> str | None:
    """The module beside this one that knows a class by one of these public names."""
    for key in keys:
        known = find_public_name(key)
        if known is not None and issubclass(cls, known):
            return _DATA[key][0]
    return None


def _forget(value: object) -> None:
    """Take what stands for a value that is missing."""


def _refuse_inside(value: object) -> t.NoReturn:
    """Refuse a picture as part of data.

    :raises TypeError: always.
    """
    raise TypeError(
        f"{type(value).__qualname__} objects are sent by themselves, as what a view"
        " returns, and cannot stand inside other data. Give the URL of a view that"
        " returns it, or register a converter."
    )


def list_registrations() -> cabc.Iterator[Registration]:
    """The rows of the table."""
    for key, (module, name) in _DATA.items():
        is_represented = key in _REPRESENTED
        formats = _find(module, "list_representations") if is_represented else None
        convert = _find(module, name)
        yield Registration(key, convert, plain=True, list_representations=formats)
    for key, module in _PICTURES.items():
        formats = _find(module, "list_representations")
        yield Registration(key, _refuse_inside, list_representations=formats)
    for key, mimetype in _TREES.items():
        yield Registration(key, _find("lxml", "write_tree"), mimetype=mimetype)
    for key in _RESULTS:
        yield Registration(key, _find("sqlalchemy", "refuse_result"))
    # Not by pandas.api.typing, which is there from pandas 2.1 on.
    for key in ("pandas._libs.NaTType", "pandas._libs.missing.NAType"):
        yield Registration(key, _forget, plain=True)
    yield Registration(
        # Not pydantic.BaseModel, which pydantic sets when somebody asks for it.
        "pydantic.main.BaseModel",
        _find("pydantic", "dump"),
        plain=True,
        parts=Parts(
            _find("pydantic_parts", "get_parts"), _find("pydantic_parts", "dump_except")
        ),
        write_json=_find("pydantic", "write_json"),
        write_many=_find("pydantic", "write_many"),
    )
