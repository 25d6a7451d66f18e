"""Settings of Seedbed 0.1 that have another name now: an old one is answered with its new name."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from seedbed.core.settings import Settings, explain
from seedbed.study.spec.toml import Key

Problem = tuple[Key, str]
"""Which setting, and what is wrong with it."""

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
    """Return the answer to a key that is not known, if it is an old one."""
    new = KEYS.get(key)
    return None if new is None else f"is now called {new.rpartition('.')[2]!r}"


def renamed_value(key: str, value: Any) -> str | None:
    """Return the answer to a value that cannot be used, if it is an old one."""
    new = VALUES.get((key, value)) if isinstance(value, str) else None
    return None if new is None else f"{value!r} is now called {new!r}"


def problems_of(error: ValidationError, model: type[Settings], inside: Key = ()) -> list[Problem]:
    """Return what pydantic found in a table of the file; old names are answered with new ones."""
    problems: list[Problem] = []
    refused = {".".join(map(str, each["loc"])): each for each in error.errors(include_url=False)}
    for path, what in explain(error, model):
        key = (*inside, *path.split("."))
        name = ".".join(key[2:] if key[0] == "variants" else key)
        is_unknown, value = refused[path]["type"] == "extra_forbidden", refused[path]["input"]
        answer = renamed_key(name) if is_unknown else renamed_value(name, value)
        problems.append((key, answer or what))
    return problems
