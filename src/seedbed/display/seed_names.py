"""Keys of seeds (:attr:`seedbed.core.seeds.Seeds.key`) taken apart, and in words.

Entries of a summary hold keys only, and a table must not wait for NumPy.
"""

import re
from collections.abc import Sequence

Key = int | str
"""A seed; with the streams that have another one, as in ``"0-noise3"``."""

_KEY = re.compile(r"(\d+)((?:-[a-z]+\d+)+)")


def seeds_of(key: Key, streams: Sequence[str]) -> tuple[int, ...]:
    """Return the seeds of these streams; ``run`` is what the others have.

    Raises:
        ValueError: If it is not a key of seeds.
    """
    run, others = _parsed(key)
    return tuple(run if name == "run" else others.get(name, run) for name in streams)


def run_name(key: Key, varied: Sequence[str] = ()) -> str:
    """Return what a run is called: ``"seed 3"``, or ``"initialization 2, order 1"``.

    Args:
        key: Of its seeds, or the name of an external run.
        varied: The streams that a study varies on their own; with none, its runs go by one seed.
    """
    if not varied:
        return key if isinstance(key, str) else f"seed {key}"
    named = zip(varied, seeds_of(key, varied), strict=True)
    return ", ".join(f"{'seed' if name == 'run' else name} {seed}" for name, seed in named)


def is_key(text: object) -> bool:
    """Whether it is the key of some seeds, and not the name of an external run."""
    return isinstance(text, int) or (isinstance(text, str) and _KEY.fullmatch(text) is not None)


def _parsed(key: Key) -> tuple[int, dict[str, int]]:
    if isinstance(key, int):
        return key, {}
    match = _KEY.fullmatch(key)
    if match is None:
        raise ValueError(f"{key!r} is not a key of seeds")
    others = re.findall(r"-([a-z]+)(\d+)", match[2])
    return int(match[1]), {name: int(seed) for name, seed in others}
