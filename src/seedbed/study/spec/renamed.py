"""Settings that were renamed after Seedbed 0.1; the error for an old name gives the new one."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from seedbed.core.settings import Settings, explain
from seedbed.study.spec.toml import Key

Problem = tuple[Key, str]
"""The key of a setting, and the problem with it."""

KEYS: Final[Mapping[str, str]] = {
    "recipe.weight_average": "recipe.ema_decay",
    "recipe.epsilon": "recipe.eps",
    "recipe.decay": "recipe.gamma",
    "recipe.step_epochs": "recipe.step_size",
    "recipe.epoch_rule": "recipe.checkpoint",
    "recipe.train_images": "recipe.train_size",
    "recipe.validation_images": "recipe.validation_size",
    "network.patch": "network.patch_size",
    "network.width": "network.embed_dim",
    "network.heads": "network.num_heads",
    "network.mlp": "network.mlp_dim",
    "network.positions": "network.pos_embed",
    "network.slope": "network.negative_slope",
}
"""Old key -> new key."""

VALUES: Final[Mapping[tuple[str, str], str]] = {
    ("recipe.loss", "l1"): "mae",
    ("recipe.loss", "mse"): "brier",
    ("engine", "lanes"): "native",
}
"""Key and old value -> new value."""


def renamed_key(key: str) -> str | None:
    """Return the error message for an old key, or ``None`` if the key is not an old one."""
    new = KEYS.get(key)
    return None if new is None else f"was renamed to {new.rpartition('.')[2]!r}"


def renamed_value(key: str, value: Any) -> str | None:
    """Return the error message for an old value, or ``None`` if the value is not an old one."""
    new = VALUES.get((key, value)) if isinstance(value, str) else None
    return None if new is None else f"{value!r} was renamed to {new!r}"


def problems_of(error: ValidationError, model: type[Settings], inside: Key = ()) -> list[Problem]:
    """Return the errors of pydantic in a table of the file, with hints for renamed settings."""
    problems: list[Problem] = []
    errors = {".".join(map(str, item["loc"])): item for item in error.errors(include_url=False)}
    for path, what in explain(error, model):
        key = (*inside, *path.split("."))
        name = ".".join(key[2:] if key[0] == "variants" else key)
        is_unknown, value = errors[path]["type"] == "extra_forbidden", errors[path]["input"]
        renamed = renamed_key(name) if is_unknown else renamed_value(name, value)
        problems.append((key, renamed or what))
    return problems
