"""The source of a user module: a function in a Python file, ``"package.file:function"``."""

import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib import import_module, reload
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import cache_from_source, find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from seedbed.core.errors import NetworkError
from seedbed.networks.module_facts import in_one_line
from seedbed.networks.user_module import GENERATOR_LOCK, UserModule, with_num_classes

_IMPORTED: Final[dict[str, str]] = {}
"""Module name -> the fingerprint of its file when it was imported."""


def source_file(target: str, folder: Path) -> Path:
    """Return the file that contains the function, without importing anything.

    Args:
        target: ``"package.file:function"``.
        folder: Searched before the installed packages.

    Raises:
        NetworkError: If there is no such file.
    """
    module = target.partition(":")[0]
    beside = folder.joinpath(*module.split("."))
    for file in (beside.with_name(f"{beside.name}.py"), beside / "__init__.py"):
        if file.is_file():
            return file
    spec = _installed(module)
    if spec is None or not spec.origin or not Path(spec.origin).is_file():
        raise NetworkError(
            f"there is no module {module!r}",
            where="network.module",
            expected=f"a Python file in {folder}, or an installed package",
            hint=f"write {module.removesuffix('.py')}:{target.partition(':')[2]}"
            if module.endswith(".py")
            else "",
        )
    return Path(spec.origin)


def _installed(module: str) -> ModuleSpec | None:
    """Return the spec of an installed module, or ``None``.

    Goes down package by package, because ``find_spec("package.file")`` would run the package.
    """
    name, *rest = module.split(".")
    try:
        spec = find_spec(name)
        for part in rest:
            if spec is None or spec.submodule_search_locations is None:
                return None
            name = f"{name}.{part}"
            spec = PathFinder.find_spec(name, list(spec.submodule_search_locations))
    except (ValueError, KeyError):  # a module without a location, such as __main__
        return None
    return spec


def source_fingerprint(file: Path) -> str:
    """Return a hash of a Python file, ignoring empty lines and comment lines.

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
    """Return the network that a user's function returns.

    Args:
        name: For messages and labels.
        target: ``"package.file:function"``.
        folder: The folder to import it from.
        fingerprint: The expected fingerprint of the file; ``None`` accepts any.
        num_classes: Passed to the function if it has an argument of this name that is not in
            ``arguments``.
        arguments: Of the function.

    Raises:
        NetworkError: If there is no such function, or its file has changed.
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
            "has changed since the study was created",
            where=str(file),
            expected=f"the contents with the fingerprint {fingerprint}",
            hint="restore it, or remove network.fingerprint from the study file",
        )
    function = _function(name, target, folder, file)
    given = with_num_classes(function, num_classes, json.loads(arguments))
    identity = json.dumps([target, str(folder), fingerprint, num_classes, arguments])
    return UserModule(name, make=partial(function, **given), identity=identity)


def _function(name: str, target: str, folder: Path, file: Path) -> Callable[..., Any]:
    module_name, _, function_name = target.partition(":")
    now = source_fingerprint(file)
    # A module that was imported before, in a notebook say, may be older than its file.
    then = _IMPORTED.get(module_name, "" if file.is_relative_to(folder) else now)
    # Bytecode counts as current for a file of the same second and size, whatever is in it now.
    Path(cache_from_source(str(file))).unlink(missing_ok=True)
    with GENERATOR_LOCK:
        sys.path.insert(0, str(folder))
        try:
            before = sys.modules.get(module_name)
            module = import_module(module_name)
            ours = _is_of(module, file)
            if ours and module is before and then != now:
                module = reload(module)
        except (Exception, SystemExit) as error:  # a script may end itself
            raise NetworkError(
                f"{module_name} cannot be imported: {in_one_line(error)}", where=name
            ) from error
        finally:
            sys.path.remove(str(folder))
        if not ours:
            raise NetworkError(
                f"another module has the name {module_name}: {getattr(module, '__file__', None)}",
                where=name,
                hint=f"rename {file}",
            )
        _IMPORTED[module_name] = now
    function: Any = getattr(module, function_name, None)
    if not callable(function):
        raise NetworkError(
            f"{file} has no function {function_name!r}",
            where=name,
            expected="a function that returns a torch.nn.Module",
        )
    checked: Callable[..., Any] = function
    return checked


def _is_of(module: ModuleType, file: Path) -> bool:
    source = getattr(module, "__file__", None)
    return source is not None and Path(source).resolve() == file.resolve()
