"""A share of a study: every N-th of its runs, for one of N processes.

The runs are numbered as the study plans them: all seeds of the first configuration, of the second,
and so on. Share K of N has the runs K, K + N, K + 2N ... of that list, whether or not they are
stored. So it depends on the study alone and not on when a process starts: the N shares never
overlap, and leave no run out. Configurations, which differ in cost, are spread over the shares.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from seedbed.core.errors import StudyError
from seedbed.study.plan import PlannedRun

MAX_SHARES: Final = 1_000_000


@dataclass(frozen=True)
class Share:
    """Every ``count``-th run, from the ``number``-th on; 1 ≤ ``number`` ≤ ``count``."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``K/N``.

        Args:
            text: As in ``2/5``.

        Raises:
            StudyError: If it is anything else, or there is no such share.
        """
        numbers = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
        number, count = map(int, numbers.groups()) if numbers else (0, 0)
        if not 1 <= number <= count <= MAX_SHARES:
            raise StudyError(
                f"{text!r} cannot be used",
                where="share",
                expected="K/N with 1 ≤ K ≤ N, such as 2/5: the second of five shares",
            )
        return cls(number, count)

    def of(self, runs: Sequence[PlannedRun]) -> list[PlannedRun]:
        """Return the runs of this share, in order.

        Args:
            runs: All runs of the study, in the order of the plan.
        """
        return list(runs[self.number - 1 :: self.count])

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


WHOLE: Final = Share(1, 1)
"""All runs."""
