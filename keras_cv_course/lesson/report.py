"""The closing table: what was reached, what was promised, what others reach."""

import os

from rich.console import Console
from rich.table import Table


def closing_table(run, console=None):
    """Print the table of a finished run: metric, reached, expected, peer or paper; then seconds and paths."""
    console = console or Console()
    result = run.result
    table = Table(title=f"{run.lesson.name} · {run.lesson.one_liner}", title_justify="left")
    table.add_column("metric")
    table.add_column("reached", justify="right")
    table.add_column("expected", justify="right")
    table.add_column("peer or paper")
    for name, value in run.values.items():
        peers = ", ".join(
            f"{peer['name']} {peer['value']:.4g}" for peer in run.peers if peer["metric"] == name
        )
        expected = result["expected"].get(name, "")
        mark = {True: " ✓", False: " ✗", None: ""}[result["reached"].get(name)]
        table.add_row(name, f"{value:.4g}{mark}", expected, peers)
    console.print(table)
    console.print(
        f"{result['seconds']:.0f} s on {result['device']} · preset {run.preset} · seed {run.seed} · "
        f"{result['backend']}"
    )
    if run.mine:
        console.print(run.mine.in_words(), markup=False)
    if run.preset == "quick":
        console.print("The preset quick proves that it runs; its figures mean nothing.")
    missed = [name for name, reached in result["reached"].items() if not reached]
    if missed:
        console.print(
            f"Below what was promised: {', '.join(missed)}. With changed arguments that may be the point."
        )
    console.print(f"figures and metrics: {run.folder}{os.sep}  ({', '.join(run.figures)})", soft_wrap=True)
    if run.saved:
        console.print(f"trained model:       {run.saved_folder}{os.sep}", soft_wrap=True)
