"""Which values of a package could be changed after they were made, or given a member by mistake."""

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import msgspec


def values_of(package: ModuleType) -> Iterator[type]:
    """Yield the dataclasses and structs that the package's modules define."""
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(found.name)
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ == found.name and (dataclasses.is_dataclass(kind) or issubclass(kind, msgspec.Struct)):
                yield kind


def loose(package: ModuleType) -> list[str]:
    """Return the values that are not frozen, or whose instances have a dictionary."""
    return sorted(kind.__qualname__ for kind in values_of(package) if not _is_frozen(kind) or _takes_anything(kind))


def positional(package: ModuleType) -> list[str]:
    """Return the structs that take a member by its place: two members exchanged would go unnoticed."""
    return sorted(kind.__qualname__ for kind in values_of(package) if _takes_by_place(kind))


def _takes_by_place(kind: type) -> bool:
    if not issubclass(kind, msgspec.Struct):
        return False
    members = inspect.signature(kind).parameters.values()
    return any(member.kind is not inspect.Parameter.KEYWORD_ONLY for member in members)


def _is_frozen(kind: type) -> bool:
    if issubclass(kind, msgspec.Struct):
        return kind.__struct_config__.frozen
    return bool(kind.__dataclass_params__.frozen)  # type: ignore[attr-defined]  # typeshed does not know it


def _takes_anything(kind: type) -> bool:
    return any("__dict__" in vars(base) for base in kind.__mro__)
