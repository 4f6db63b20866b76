"""What the docstrings of a lesson say, in parts: the point, the text, the knobs, the metrics."""

import inspect
import re
from dataclasses import dataclass, field

SECTION = re.compile(r"^(Args|Metrics):\s*$")
ENTRY = re.compile(r"^(\w+): (.*)$")


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
