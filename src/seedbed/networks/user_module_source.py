"""Where the function is that makes a user module: ``"package.file:function"``."""

import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib import import_module, reload
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from seedbed.core.errors import NetworkError
from seedbed.networks.module_facts import in_one_line
from seedbed.networks.user_module import GENERATOR_LOCK, UserModule, with_num_classes

_IMPORTED: Final[dict[str, str]] = {}
"""The fingerprint of each module's file when it was imported."""


def source_file(target: str, folder: Path) -> Path:
    """Return the file in which the function stands; nothing is imported.

    Args:
        target: ``"package.file:function"``.
        folder: Looked at before what is installed.

    Raises:
        NetworkError: If there is none.
    """
    module = target.partition(":")[0]
    beside = folder.joinpath(*module.split("."))
    for file in (beside.with_name(f"{beside.name}.py"), beside / "__init__.py"):
        if file.is_file():
            return file
    found = _installed(module)
    if found is None or not found.origin or not Path(found.origin).is_file():
        raise NetworkError(
            f"there is no module {module!r}",
            where="network.module",
            expected=f"a Python file in {folder}, or an installed package",
            hint=f"write {module.removesuffix('.py')}:{target.partition(':')[2]}"
            if module.endswith(".py")
            else "",
        )
    return Path(found.origin)


def _installed(module: str) -> ModuleSpec | None:
    """Return what is known of a module of this name, if there is one.

    Step by step, because ``find_spec("package.file")`` would run the package's code.
    """
    name, *rest = module.split(".")
    try:
        found = find_spec(name)
        for part in rest:
            if found is None or found.submodule_search_locations is None:
                return None
            name = f"{name}.{part}"
            found = PathFinder.find_spec(name, list(found.submodule_search_locations))
    except (ValueError, KeyError):  # of a module without a place, such as __main__
        return None
    return found


def source_fingerprint(file: Path) -> str:
    """Return a hash of a Python file, without its empty lines and those that are a comment.

    Raises:
        NetworkError: If it cannot be read.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NetworkError(f"cannot be read: {error}", where=str(file)) from error
    kept = [line.rstrip() for line in lines if not line.lstrip().startswith("#")]
    text = "\n".join(line for line in kept if line)
    return hashlib.sha256(text.encode()).hexdigest()


def load_user_module(
    name: str,
    target: str,
    folder: Path,
    fingerprint: str | None,
    num_classes: int,
    arguments: Mapping[str, Any],
) -> UserModule:
    """Return the network that a function of the user's makes.

    Args:
        name: What it is called.
        target: ``"package.file:function"``.
        folder: From which it can be imported.
        fingerprint: Of the file that is meant; any other is refused. ``None`` takes what is there.
        num_classes: Given to the function where it has an argument of this name and ``arguments``
            has not.
        arguments: Of the function.

    Raises:
        NetworkError: If the function cannot be found, or its file has changed.
        MissingExtra: If PyTorch is not installed.
    """
    return _load(name, target, folder, fingerprint, num_classes, json.dumps(dict(arguments)))


@cache
def _load(
    name: str, target: str, folder: Path, fingerprint: str | None, num_classes: int, arguments: str
) -> UserModule:
    file = source_file(target, folder)
    if fingerprint not in (None, source_fingerprint(file)):
        raise NetworkError(
            "has changed since the study was made for it",
            where=str(file),
            expected=f"the contents with the fingerprint {fingerprint}",
            hint="bring it back; a study file without network.fingerprint trains what is there",
        )
    function = _function(name, target, folder, file)
    given = with_num_classes(function, num_classes, json.loads(arguments))
    identity = json.dumps([target, str(folder), fingerprint, num_classes, arguments])
    return UserModule(name, make=partial(function, **given), identity=identity)


def _function(name: str, target: str, folder: Path, file: Path) -> Callable[..., Any]:
    module_name, _, function_name = target.partition(":")
    now = source_fingerprint(file)
    # What somebody else has imported from beside the study may be older than the file.
    then = _IMPORTED.get(module_name, "" if file.is_relative_to(folder) else now)
    with GENERATOR_LOCK:
        sys.path.insert(0, str(folder))
        try:
            before = sys.modules.get(module_name)
            module = import_module(module_name)
            ours = _is_of(module, file)
            if ours and module is before and then != now:
                module = reload(module)  # edited since, in a notebook say
        except (Exception, SystemExit) as error:  # a script may end itself
            raise NetworkError(
                f"{module_name} cannot be imported: {in_one_line(error)}", where=name
            ) from error
        finally:
            sys.path.remove(str(folder))
        if not ours:
            raise NetworkError(
                f"another module is called {module_name}: {getattr(module, '__file__', None)}",
                where=name,
                hint=f"rename {file}",
            )
        _IMPORTED[module_name] = now
    function: Any = getattr(module, function_name, None)
    if not callable(function):
        raise NetworkError(
            f"{file} has no function {function_name!r}",
            where=name,
            expected="one that returns a torch.nn.Module",
        )
    found: Callable[..., Any] = function
    return found


def _is_of(module: ModuleType, file: Path) -> bool:
    there = getattr(module, "__file__", None)
    return there is not None and Path(there).resolve() == file.resolve()
