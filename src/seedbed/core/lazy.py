"""Packages whose names are imported when they are first used."""

from importlib import import_module

TYPE_CHECKING = False  # `import seedbed` imports this module, and Ctrl-C must not find it at that
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def lazy(
    package: str, homes: "Mapping[str, Sequence[str]]", names: "Sequence[str]"
) -> "tuple[Callable[[str], object], Callable[[], list[str]]]":
    """Return ``__getattr__`` and ``__dir__`` of a package.

    Args:
        package: Its name.
        homes: Module -> the names that it defines.
        names: All names of the package.
    """
    home_of = {name: home for home, defined in homes.items() for name in defined}

    def get(name: str) -> object:
        if name not in home_of:
            module = import_module(package)  # for Python's suggestion of the nearest name
            message = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(message, name=name, obj=module)
        value: object = getattr(import_module(home_of[name]), name)
        setattr(import_module(package), name, value)
        return value

    return get, lambda: sorted(names)
