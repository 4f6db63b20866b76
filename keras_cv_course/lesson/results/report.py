"""What a finished run has reached: the content of metrics.json, and the closing table of targets and baselines."""

import os
import time

import keras
from rich.markup import escape
from rich.table import Table

from keras_cv_course.lesson.console import console as new_console
from keras_cv_course.lesson.machine import device, versions


def result(run):
    """What metrics.json says of a finished run; with the preset `quick` there are no targets."""
    targets = run.lesson.targets_of(run.arguments) if run.preset != "quick" else {}
    now = time.monotonic()
    return {
        **run.identity(),
        "metrics": run.values,
        "targets": {name: str(target) for name, target in targets.items()},
        "reached": {
            name: target.reached(run.values[name]) for name, target in targets.items() if name in run.values
        },
        "baselines": run.baselines,
        "published": run.published,
        "figures": run.figures,
        "seconds": round(now - (run.lesson.process_began or run.began), 1),
        "seconds_of_work": round(now - run.began, 1),
        "versions": versions(),
        "backend": keras.backend.backend(),
        "device": device(),
        **({"devices": run.replicas.count} if run.replicas else {}),
        "date": time.strftime("%Y-%m-%d %H:%M:%S"),
    }


def closing_table(run, console=None):
    """Print the table of a finished run: metrics, targets, what baselines and papers reach; then what the
    metrics are, the seconds and the paths.
    """
    console = console or new_console()
    result, meanings = run.result, run.lesson.documentation.metrics
    table = Table(title=f"{run.lesson.name} · {run.lesson.one_liner}", title_justify="left")
    table.add_column("metric", no_wrap=True)
    table.add_column("reached", justify="right")
    table.add_column("target", justify="right")
    table.add_column("baselines and papers")
    for name, value in run.values.items():
        others = "\n".join(
            f"{other['name']} {readable(other['value'])}"
            for other in (*run.baselines, *run.published)
            if other["metric"] == name
        )
        mark = {True: " ✓", False: " ✗", None: ""}[result["reached"].get(name)]
        target = result["targets"].get(name, "")
        table.add_row(name, f"{readable(value)}{mark}", target, others)
    console.print(table)
    for name in run.values:
        if name in meanings:
            console.print(f"  [bold]{name}[/]: {escape(meanings[name])}", highlight=False)
    console.print(
        f"{result['seconds']:.0f} s on {result['device']} · preset {run.preset} · seed {run.seed} · "
        f"{result['backend']}"
    )
    if run.stand_in:
        console.print(run.stand_in.in_words(), markup=False)
    if run.preset == "quick":
        console.print("The preset quick only shows that the lesson runs; its numbers mean nothing.")
    missed = [name for name, reached in result["reached"].items() if not reached]
    if missed:
        console.print(
            f"Target missed: {', '.join(missed)}. With changed arguments that may be what you wanted to see."
        )
    console.print(f"figures and metrics: {run.folder}{os.sep}  ({', '.join(run.figures)})", soft_wrap=True)
    if run.saved:
        console.print(f"trained model:       {run.saved_folder}{os.sep}", soft_wrap=True)


def readable(value):
    """A number for people: counts whole and with separators (31,030,658), others to four digits."""
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.4g}"
