"""The study with the chosen settings, as a study file."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from seedbed.core.errors import StoreError
from seedbed.core.files import write_atomically
from seedbed.core.seal import is_sealed
from seedbed.study.asked import asked_problems, belongs
from seedbed.study.spec.axes import PARTS
from seedbed.study.spec.reader import parse_values
from seedbed.study.spec.study import StudySpec
from seedbed.study.tuning import Tuned
from seedbed.tuning.combinations import Group

_MARK: Final = b"[tuned]"


def source_hash(spec: StudySpec) -> str:
    """Return the SHA-256 of a study with every setting, as 64 hexadecimal digits."""
    text = json.dumps(spec.to_dict(), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def tuned_study(
    spec: StudySpec, groups: Sequence[Group], chosen: Sequence[int], tuned: Tuned | None
) -> StudySpec:
    """Return a study with a combination for each group.

    Args:
        spec: The study that is tuned.
        groups: Of its configurations.
        chosen: The combination of each group, as a position in :attr:`Group.combinations`.
        tuned: Where they come from.

    Raises:
        StudyError: If the study is invalid with these settings: a claim may name one of them.
    """
    values = spec.to_dict()
    del values["tune"]
    values["name"] = f"{spec.name[:94]}-tuned"
    if spec.compare is not None and len(groups) > 1:
        # Settings that are tuned differ too, so no two configurations differ in anything less.
        values.pop("compare")
        values.pop("baseline", None)
        if belongs(spec.compare, "recipe"):
            values["compare"] = "recipe"
    recipes = [
        group.recipe(group.configurations[0], group.combinations[number])
        for group, number in zip(groups, chosen, strict=True)
    ]
    common = {
        key: value
        for key, value in recipes[0].items()
        if all(key in other and other[key] == value for other in recipes)
    }
    values["recipe"] = common
    if spec.variants or len(groups) > 1:
        varying = _varying_parts(spec)
        for part in varying:
            values.pop(part, None)
        values["variants"] = [
            {
                "name": group.name,
                **_parts(spec, group, varying),
                "recipe": {key: recipe[key] for key in recipe if key not in common},
            }
            for group, recipe in zip(groups, recipes, strict=True)
        ]
    if tuned is not None:
        values["tuned"] = tuned.to_dict()
    study = parse_values(values, "the tuned study")
    if spec.baseline is not None and study.compare is not None and study.baseline is None:
        with_baseline = replace(study, baseline=spec.baseline)
        # It may name several recipes now, such as those of all variants with one optimizer.
        if not any(key == ("baseline",) for key, _ in asked_problems(with_baseline)):
            return with_baseline
    return study


def check_file(file: Path) -> None:
    """Raise :class:`StoreError` if a file exists that ``seedbed tune`` has not written."""
    try:
        contents = file.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"cannot read it: {error.strerror}", where=str(file)) from None
    if _MARK not in contents or not is_sealed(contents):
        raise StoreError(
            "is not as `seedbed tune` writes it, or was changed afterwards",
            where=str(file),
            hint="remove it, or choose another file with --to",
        )


def write(spec: StudySpec, file: Path) -> None:
    """Write a tuned study.

    Raises:
        StoreError: If it cannot be written.
    """
    check_file(file)
    write_atomically(file, spec.to_toml().encode(), "choose another file with --to")


def _varying_parts(spec: StudySpec) -> list[str]:
    """Return the parts that variants set: those that vary and that choices do not share."""
    assert spec.tune is not None
    return [
        part
        for part in PARTS[:-1]
        if (
            part not in spec.tune.shared_across
            and any(
                item.tables[part] != spec.configurations[0].tables[part]
                for item in spec.configurations
            )
        )
        or (part not in spec.tables and part != "noise")
    ]


def _parts(spec: StudySpec, group: Group, varying: Sequence[str]) -> Mapping[str, Any]:
    assert spec.tune is not None
    own = next((each.tables for each in spec.variants if each.name == group.variant), {})
    shared = {part: own[part] for part in spec.tune.shared_across if part in own}
    tables = group.configurations[0].tables
    return shared | {part: tables[part] for part in varying if part not in shared}
