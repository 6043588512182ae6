"""Type, or public name of a type, to converter."""

from __future__ import annotations

import abc
import collections.abc as cabc
import functools
import linecache
import sys
import threading
import typing as t
import weakref

from .registration import check_converter
from .registration import check_key
from .registration import check_type
from .registration import find_public_name
from .registration import name_of
from .registration import refuse_setup
from .registration import Registration
from .registration import RESPONSE_METHOD
from .stream import Streamed
from .typing import PLAIN_TYPES

if t.TYPE_CHECKING:
    from .typing import Converter


#: Finds a registration by what a class looks like.
Structure: t.TypeAlias = "cabc.Callable[[type], Registration | None]"


class ConverterRegistry:
    """Converters by type. A value is taken by the first of

    1. a converter for its type, or for the nearest base in its MRO;
    2. a converter for an ABC or protocol that its type satisfies, the latest
       registered first;
    3. its own method ``__response__``;
    4. a built-in converter, in the same order;
    5. a converter for :class:`object`, unless Flask knows what to do with it.

    The types of plain data (``None``, ``bool``, ``int``, ``float``, ``str``, ``list``,
    ``dict``), ``bytes`` and ``tuple`` are taken by a converter for exactly that type:
    one for ``int`` does not catch ``True``, one for ``Iterable`` no text.

    >>> converters = ConverterRegistry()
    >>> converters.add(complex, lambda value: [value.real, value.imag])
    >>> complex in converters
    True
    >>> converters.lookup(complex).converter(1j)
    [0.0, 1.0]

    :param built_in: the registry that is asked where this one has no answer.
    :param structures: asked in turn where no type is registered.
    """

    def __init__(
        self,
        built_in: ConverterRegistry | None = None,
        structures: cabc.Sequence[Structure] = (),
    ) -> None:
        self._built_in = built_in
        self._structures = structures
        self._registrations: dict[type | str, Registration] = {}
        #: The registrations whose types are known, by type.
        self.types: dict[type, Registration] = {}
        self._abstract: list[tuple[type, Registration]] = []
        self._pending: dict[str, list[Registration]] = {}
        self._modules_seen = -1
        self._cache: cabc.MutableMapping[type, Registration | None]
        self._cache = weakref.WeakKeyDictionary()
        self._abc_token: object = None
        self._lock = threading.RLock()
        self._frozen = False
        self._generation = 0

    # What is registered.

    def __contains__(self, key: object) -> bool:
        self.resolve()
        return (
            key in self._registrations
            or key in self.types
            or (self._built_in is not None and key in self._built_in)
        )

    def __iter__(self) -> cabc.Iterator[type | str]:
        self.resolve()
        yield from self._registrations
        for key in self._built_in or ():
            if key not in self._registrations:
                yield key

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        self.resolve()
        built_in = 0 if self._built_in is None else len(self._built_in)
        return (
            f"<{type(self).__name__}: {len(self._registrations)} registered,"
            f" {built_in} built in>"
        )

    @property
    def own(self) -> cabc.Collection[type | str]:
        """The types and names that were registered here, without the built-in ones."""
        self.resolve()
        return self._registrations.keys()

    # Set-up.

    def add(
        self,
        key: type | str,
        converter: Converter,
        *,
        plain: bool = False,
        mimetype: str | None = None,
        replace: bool = False,
    ) -> None:
        """Register a converter.

        :param key: the type, or its public dotted name (``"pandas.DataFrame"``), which
            is looked up among the modules that are loaded, and never imported.
        :param plain: whether the converter gives plain data.
        :param mimetype: the media type of what the converter gives, if it is known.
        :param replace: take the place of a converter for the same type.
        :raises AssertionError: after the first request.
        :raises TypeError: if an argument is not what it should be.
        :raises ValueError: if the name is not dotted, or the type is taken.
        """
        if self._frozen:
            refuse_setup("add_converter", converter)
        check_key(key)
        check_converter(key, converter)
        with self._lock:
            present = self._registrations.get(key)
            if present is not None and not replace:
                as_ = "" if mimetype is None else f" as {mimetype}"
                raise ValueError(
                    f"{name_of(key)}{as_} already has the converter"
                    f" {name_of(present.converter)}, so {name_of(converter)} cannot be"
                    " registered as well. Pass replace=True to let it take over."
                )
            if present is not None:
                self._forget(key)
            self.enter(Registration(key, converter, plain, mimetype))

    def freeze(self) -> None:
        """Refuse registrations from now on."""
        if not self._frozen:
            self._frozen = True
            # More classes exist than when it was last asked for.
            self._generation += 1

    def _forget(self, key: type | str) -> None:
        del self._registrations[key]
        for cls in [cls for cls, known in self.types.items() if known.key == key]:
            del self.types[cls]
        self._abstract = [row for row in self._abstract if row[1].key != key]
        for rows in self._pending.values():
            rows[:] = [known for known in rows if known.key != key]

    def enter(self, registration: Registration) -> None:
        """Add what says more of a type than :meth:`add` takes. Nothing is checked."""
        key = registration.key
        self._registrations[key] = registration
        if isinstance(key, str):
            self._pending.setdefault(key.partition(".")[0], []).append(registration)
            self._modules_seen = -1
        else:
            self._enter_type(key, registration)
        self._cache = weakref.WeakKeyDictionary()
        self._generation += 1

    def _enter_type(self, cls: type, registration: Registration) -> None:
        self.types[cls] = registration
        if isinstance(cls, abc.ABCMeta):
            self._abstract = [*self._abstract, (cls, registration)]
            if isinstance(registration.key, str):
                # A name has the place of its registration, not that of its import.
                order = {key: place for place, key in enumerate(self._registrations)}
                self._abstract.sort(key=lambda row: order[row[1].key])

    # Requests.

    def lookup(self, cls: type) -> Registration | None:
        """Find what takes values of a type; ``None`` if nothing does."""
        if self._pending:
            self.resolve()
        if self._abstract:
            self._follow_abcs()
        cache = self._cache
        try:
            return cache[cls]
        except KeyError:
            # A registration in between puts another cache in place: an answer
            # from before it ends in the one that nobody reads any more.
            found = cache[cls] = self._find(cls)
            return found

    @property
    def generation(self) -> int:
        """A number that grows whenever a look-up may have another answer."""
        if self._pending:
            self.resolve()
        if self._abstract:
            self._follow_abcs()
        return self._generation

    @property
    def is_settled(self) -> bool:
        """Whether each look-up has its last answer."""
        return self._frozen and not (self._pending or self._abstract)

    def _follow_abcs(self) -> None:
        token = abc.get_cache_token()
        if self._abc_token != token:
            # A class was registered with an ABC since.
            self._cache = weakref.WeakKeyDictionary()
            self._abc_token = token
            self._generation += 1

    def _find(self, cls: type) -> Registration | None:
        if cls in _EXACT_TYPES:
            return self.types.get(cls) or self._find_built_in(cls)
        for base in cls.__mro__[:-1]:
            if base in self.types:
                return self.types[base]
        for abstract, registration in reversed(self._abstract):
            if issubclass(cls, abstract):
                return registration
        if callable(getattr(cls, "__response__", None)):
            return RESPONSE_METHOD
        found = self._find_built_in(cls)
        if found is None and not issubclass(cls, _NOT_FOR_OBJECT):
            return self.types.get(object)
        return found

    def _find_built_in(self, cls: type) -> Registration | None:
        if self._built_in is not None:
            is_flasks = issubclass(cls, _BODIES_OF_FLASK)
            return None if is_flasks else self._built_in.lookup(cls)
        for structure in self._structures:
            if (found := structure(cls)) is not None:
                return found
        return None

    def resolve(self) -> None:
        """Replace the public names whose modules are loaded by the types they mean."""
        if self._modules_seen == len(sys.modules):
            return
        with self._lock:
            seen = len(sys.modules)
            loaded = [root for root in self._pending if root in sys.modules]
            for registration in [r for root in loaded for r in self._pending[root]]:
                self._resolve_one(registration)
            self._pending = {root: rows for root, rows in self._pending.items() if rows}
            # A module that is being imported may not have its names yet.
            waiting = any(root in self._pending for root in loaded)
            self._modules_seen = -1 if waiting else seen

    def _resolve_one(self, registration: Registration) -> None:
        name = t.cast("str", registration.key)
        cls = find_public_name(name)
        if cls is None:
            return
        check_type(cls, name)
        present = self.types.get(cls)
        if present is not None and present.key != cls:
            raise ValueError(
                f"{name!r} and {present.key!r} name the same type, with the converters"
                f" {name_of(registration.converter)} and {name_of(present.converter)}."
                " Register one of them."
            )
        self._pending[name.partition(".")[0]].remove(registration)
        if present is None:
            self._enter_type(cls, registration)
            self._cache = weakref.WeakKeyDictionary()
            self._generation += 1

    def is_own(self, registration: Registration) -> bool:
        """Whether a registration is no built-in one."""
        return (
            registration is RESPONSE_METHOD
            or self._registrations.get(registration.key) is registration
        )

    def claims(
        self, types: tuple[type, ...], fits: cabc.Callable[[type], bool] | None = None
    ) -> bool:
        """Whether a value of these types, or of a subclass that exists by now, may be
        taken by a converter registered here, or by its own ``__response__``.

        :param fits: whether a class counts that is none of these types.
        """

        def is_meant(cls: type) -> bool:
            return issubclass(cls, types) or (fits is not None and fits(cls))

        registered = [cls for cls in list(self.types) if cls is not object]
        abstract = tuple(cls for cls in registered if isinstance(cls, abc.ABCMeta))
        roots = types if fits is None else (object,)
        return (
            any(map(_has_hook, abstract))
            or any(map(is_meant, with_subclasses(registered)))
            or any(
                (_has_response_method(cls) or issubclass(cls, abstract))
                and is_meant(cls)
                for cls in with_subclasses(roots)
            )
        )


def with_subclasses(roots: cabc.Iterable[type]) -> cabc.Iterator[type]:
    """Types and their subclasses that exist by now, each once."""
    # By identity: a metaclass may take the hash from its classes.
    seen: dict[int, type] = {}
    waiting = list(roots)
    while waiting:
        cls = waiting.pop()
        if id(cls) not in seen:
            seen[id(cls)] = cls
            waiting.extend(type.__subclasses__(cls))
            yield cls


def mark_classes() -> tuple[int, int]:
    """A mark that changes when there may be more classes than before: with a module, or
    when attrs has made a class, the code of which it leaves in a cache.
    """
    return len(sys.modules), len(linecache.cache)


def exist_response_methods() -> bool:
    """Whether there are classes whose instances convert themselves."""
    return _exist_response_methods(mark_classes())


@functools.lru_cache(maxsize=1)
def _exist_response_methods(mark: tuple[int, int]) -> bool:
    return any(map(_has_response_method, with_subclasses((object,))))


def _has_hook(cls: type) -> bool:
    """Whether classes may satisfy an ABC that nobody has registered with it."""
    return any("__subclasshook__" in vars(base) for base in cls.__mro__[:-1])


def _has_response_method(cls: type) -> bool:
    # Not getattr: all classes of the process are asked, also those that would answer.
    return any("__response__" in vars(base) for base in cls.__mro__)


#: Of any class, these have their place in Flask already.
_BODIES_OF_FLASK = (str, bytes, bytearray, tuple)

#: Not what a converter for ``object`` is meant for.
_NOT_FOR_OBJECT: tuple[t.Any, ...] = (
    *_BODIES_OF_FLASK,
    *(cabc.Iterator, cabc.Callable),
    Streamed,
)

#: Taken by a converter for exactly this type, or by none.
_EXACT_TYPES = PLAIN_TYPES | {bytes, bytearray, tuple}
