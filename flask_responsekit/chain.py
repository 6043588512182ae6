"""The converters of nested scopes as one registry."""

from __future__ import annotations

import typing as t
import weakref

from .registry import ConverterRegistry

if t.TYPE_CHECKING:
    from .registration import Registration


class ConverterChain(ConverterRegistry):
    """Looks in several registries at once: at each step of the look-up, such as each
    base in the MRO, the first of them that has an answer gives it.

    >>> inner, outer = ConverterRegistry(), ConverterRegistry()
    >>> outer.add(complex, str)
    >>> outer.add(frozenset, sorted)
    >>> inner.add(complex, abs)
    >>> chain = ConverterChain(inner, outer)
    >>> chain.lookup(complex).converter, chain.lookup(frozenset).converter
    (<built-in function abs>, <built-in function sorted>)

    What is registered with one of them later is found, too. Nothing is registered here.

    :param registries: the innermost first. The last one brings the built-in converters.
    """

    def __init__(self, *registries: ConverterRegistry) -> None:
        super().__init__(built_in=registries[-1]._built_in)
        self._frozen = True
        self._registries = registries
        #: The generations of the registries that the tables are made of.
        self._seen: tuple[int, ...] = ()
        self._is_settled = False
        self.resolve()

    @property
    def is_settled(self) -> bool:
        """Whether each look-up has its last answer."""
        return self._is_settled

    def lookup(self, cls: type) -> Registration | None:
        """Find what takes values of a type; ``None`` if nothing does."""
        if not self._is_settled:
            self.resolve()
        return super().lookup(cls)

    @property
    def generation(self) -> int:
        """A number that grows whenever a look-up may have another answer."""
        self.resolve()
        return super().generation

    def resolve(self) -> None:
        """Follow what was registered with one of the registries since."""
        if self._is_settled:
            return
        seen = tuple(registry.generation for registry in self._registries)
        if seen == self._seen:
            return
        with self._lock:
            # The outermost first: what comes later has the last word.
            outward = self._registries[::-1]
            self._registrations = _merge(one._registrations for one in outward)
            self.types = _merge(one.types for one in outward)
            self._abstract = [row for one in outward for row in one._abstract]
            self._cache = weakref.WeakKeyDictionary()
            self._generation += 1
            self._seen = seen
            self._is_settled = all(one.is_settled for one in self._registries)


KeyT = t.TypeVar("KeyT")


def _merge(
    tables: t.Iterable[dict[KeyT, Registration]],
) -> dict[KeyT, Registration]:
    merged: dict[KeyT, Registration] = {}
    for table in tables:
        merged |= table
    return merged
