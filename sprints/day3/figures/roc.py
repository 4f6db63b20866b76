"""ROC curves of detectors, with the point at which each one works."""

from matplotlib.figure import Figure

from keras_cv_course.plot.style import BLUE, GREEN, GREY, ORANGE

STYLES = ((BLUE, "-", "o"), (ORANGE, "--", "s"), (GREEN, "-.", "^"))


def roc(detectors, title):
    """Draw what every threshold would reach, and mark the threshold that is in use.

    Args:
        detectors: {name: dict(false_alarm_rate=(T,), found=(T,), area=float, point=(false alarms, found))};
            at most three. `point` is where the detector works.
        title: what the picture shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(6.4, 5.4), layout="constrained")
    axis = figure.subplots()
    for (name, detector), (colour, line, marker) in zip(detectors.items(), STYLES, strict=False):
        axis.plot(
            detector["false_alarm_rate"], detector["found"], line, color=colour, linewidth=2,
            label=f"{name}: area {detector['area']:.3f}",
        )  # fmt: skip
        alarms, found = detector["point"]
        axis.plot(
            alarms, found, marker, color=colour, markersize=10, markeredgecolor="black", zorder=3,
            label=f"   its threshold: {alarms:.1%} false alarms, {found:.1%} found",
        )  # fmt: skip
    axis.plot([0, 1], [0, 1], ":", color=GREY, label="guessing: area 0.5")
    axis.set(
        title=title,
        xlabel="false alarms: share of normal signals called anomalous (type I error)",
        ylabel="found: share of abnormal signals called anomalous\n(1 − type II error)",
        xlim=(-0.01, 1.01),
        ylim=(-0.01, 1.01),
    )
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, loc="lower right")
    return figure
