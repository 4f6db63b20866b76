"""Targets: what a metric must reach on held-out data."""


class Target:
    """A threshold on one metric; made by `at_least` and `at_most`."""

    def __init__(self, sign, value):
        self.sign, self.value = sign, value

    def reached(self, value):
        """Whether a value of the metric reaches the target."""
        return value >= self.value if self.sign == "≥" else value <= self.value

    def __str__(self):
        return f"{self.sign} {self.value:g}"


def at_least(value):
    """The metric must be `value` or more."""
    return Target("≥", value)


def at_most(value):
    """The metric must be `value` or less."""
    return Target("≤", value)
