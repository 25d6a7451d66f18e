"""Claims that a study declares before its runs can answer them: ``[[claims]]`` in a study file."""

import hashlib
import json
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from seedbed.core.settings import Settings

Conditions = Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
"""As in ``--only``: ``["network=lenet5", "learning_rate=0.1"]``."""


SeedCount = Annotated[int, Field(ge=2, le=10_000)]


class Claim(Settings):
    """A claim about accuracies: one of a difference, an equality or a trend.

    In each, all settings that the claim does not name are equal: its effect is averaged over them.
    """

    claim: str = Field(min_length=1, max_length=300)
    """The claim, in the words that reports show."""
    better: Conditions | None = None
    """The configurations that are claimed to be better than those of ``than``."""
    than: Conditions | None = None
    equal: Conditions | None = None
    """The configurations that are claimed to be as good as those of ``to``, ``within`` a margin."""
    to: Conditions | None = None
    rises_with: str | None = None
    """The setting with which accuracy is claimed to rise, such as ``recipe.batch_size``."""
    falls_with: str | None = None
    """The setting with which accuracy is claimed to fall."""
    by: float = Field(0.0, ge=0, lt=100)
    """Of a difference or a trend: at least so many percentage points, from the lowest value of the
    setting to the highest."""
    within: float | None = Field(None, gt=0, lt=100)
    """Of an equality: at most so many percentage points."""
    looks: Annotated[tuple[SeedCount, ...], Field(strict=False)] = ()
    """Numbers of seeds at which the claim is tested, such as ``[5, 10, 20]``: seeds may be added
    until one of these tests decides it. By default it is tested once."""
    of: Literal["test accuracy", "training accuracy"] = "test accuracy"

    @field_validator("looks")
    @classmethod
    def _increase(cls, looks: tuple[int, ...]) -> tuple[int, ...]:
        if any(one >= other for one, other in pairwise(looks)):
            raise ValueError(f"{list(looks)} cannot be used; expected numbers that increase")
        return looks

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = {
            "better and than": (self.better, self.than),
            "equal, to and within": (self.equal, self.to, self.within),
            "rises_with": (self.rises_with,),
            "falls_with": (self.falls_with,),
        }
        begun = [name for name, parts in kinds.items() if any(parts)]
        if len(begun) != 1 or not all(kinds[begun[0]]):
            raise ValueError(
                f"the claim {self.claim!r} cannot be tested; expected one of: {'; '.join(kinds)}"
            )
        if self.by and self.equal:
            raise ValueError("an equality has a margin `within`, not `by`")
        return self

    def to_dict(self) -> dict[str, Any]:
        """Return what the study file says, without defaults."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @property
    def digest(self) -> str:
        """SHA-256 of the claim, as 64 hexadecimal digits; a changed claim is another claim."""
        text = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
