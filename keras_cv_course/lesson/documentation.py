"""What the docstrings of a lesson say, in parts: the point, the text, the knobs with their ranges, the metrics.

The last words on a knob may state the range of its numbers: "share of the inputs that is set to 0; in [0, 1)." and
"the highest rate; above 0." are ranges; a knob that takes a float and states none takes any finite number of 0 or more.
"""

import inspect
import math
import re
from dataclasses import dataclass, field

SECTION = re.compile(r"^(Args|Metrics):\s*$")
ENTRY = re.compile(r"^(\w+): (.*)$")
NUMBER = r"-?\d+(?:\.\d+)?"
STATED = re.compile(rf"; (?:in ([\[(])({NUMBER}), ({NUMBER})([\])])|above ({NUMBER}))\.$")


@dataclass
class Documentation:
    """The docstrings of a lesson's module and function, taken apart.

    Args:
        module: the module's docstring: one sentence, then objectives, prerequisites and papers.
        function: the function's docstring: one sentence, `Args:` with the knobs, `Metrics:` with the metrics.

    Attributes:
        one_liner: the module's first line.
        text: the rest of the module's docstring, Markdown.
        summary: the function's docstring up to its first section.
        knobs: {knob: what it means}.
        metrics: {metric: what it means}.
    """

    module: str
    function: str
    one_liner: str = field(init=False, default="")
    text: str = field(init=False, default="")
    summary: str = field(init=False, default="")

    def __post_init__(self):
        self.module, self.function = (inspect.cleandoc(said or "") for said in (self.module, self.function))
        self.one_liner, _, text = self.module.partition("\n")
        self.text = text.strip()
        sections = _sections(self.function)
        self.summary = sections.pop("", "").strip()
        self.knobs, self.metrics = (_entries(sections.get(name, "")) for name in ("Args", "Metrics"))


def _sections(text):
    """{"": text above the first section, "Args": its lines, "Metrics": its lines}."""
    found, name = {"": []}, ""
    for line in text.splitlines():
        heading = SECTION.match(line)
        if heading:
            name = heading[1]
        found.setdefault(name, [])
        if not heading:
            found[name].append(line)
    return {name: "\n".join(lines) for name, lines in found.items()}


def _entries(text):
    """{name: description} of the lines `name: description`, which may go on further indented."""
    found, name = {}, None
    for line in inspect.cleandoc(f"\n{text}").splitlines():
        entry = ENTRY.match(line)
        if entry:
            name = entry[1]
            found[name] = entry[2].strip()
        elif name and line.strip():
            found[name] += f" {line.strip()}"
    return found


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
