"""The range of a knob's numbers, as the last words of its documentation state it.

"share of the inputs that is set to 0; in [0, 1)." and "the highest rate; above 0." are ranges; a knob that takes a
float and states none takes any finite number of 0 or more.
"""

import math
import re
from dataclasses import dataclass

NUMBER = r"-?\d+(?:\.\d+)?"
STATED = re.compile(rf"; (?:in ([\[(])({NUMBER}), ({NUMBER})([\])])|above ({NUMBER}))\.$")


@dataclass(frozen=True)
class KnobRange:
    """An interval; its ends belong to it where they are closed.

    Args:
        low, high: the ends; `high` may be infinite.
        low_closed, high_closed: whether the ends belong to it.
        words: the interval as it is said.
    """

    low: float = 0.0
    high: float = math.inf
    low_closed: bool = True
    high_closed: bool = False
    words: str = "a finite number of 0 or more"

    def __contains__(self, number):
        above = self.low <= number if self.low_closed else self.low < number
        below = number <= self.high if self.high_closed else number < self.high
        return math.isfinite(number) and above and below


def range_of(documentation):
    """The `KnobRange` of a knob that takes a float.

    Args:
        documentation: what the lesson says of the knob.
    """
    stated = STATED.search(documentation)
    if stated is None:
        return KnobRange()
    before, low, high, after, bound = stated.groups()
    if bound is not None:
        return KnobRange(float(bound), low_closed=False, words=f"a finite number above {bound}")
    words = f"a number in {before}{low}, {high}{after}"
    return KnobRange(float(low), float(high), before == "[", after == "]", words)
