"""Write docs/results.md and the lessons' lines of the README from the records of the proofs.

    pytest tests --proofs=all           # measures: every lesson in a process of its own, one at a time
    python benchmarks/results.py        # writes what was measured

`tests/proofs/test_tables.py` fails where the two files say anything else than the records.
"""

import json
import re
import statistics
from pathlib import Path

import sprints
from keras_cv_course.lesson import catalogue
from keras_cv_course.lesson.publish import write_text

ROOT = Path(__file__).parents[1]
RECORDS = ROOT / "tests" / "proofs" / "records"
README, RESULTS = ROOT / "README.md", ROOT / "docs" / "results.md"
COURSE = Path(sprints.__file__).parent
MARKS = re.compile(r"(<!-- lessons -->\n).*(<!-- end of lessons -->)", re.S)


def number(value):
    """Counts as whole numbers with separators, the others with four digits."""
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:.4g}"


def spread(values):
    """The mean, and lowest to highest where there are several seeds."""
    mean = number(statistics.mean(values))
    return (
        mean
        if len(values) == 1 or min(values) == max(values)
        else f"{mean} ({min(values):.3g} to {max(values):.3g})"
    )


def records():
    """Every lesson with what was measured: [(entry, [(words of the command, [result of each seed])])]."""
    found = []
    for entry in (entry for entries in catalogue.days(COURSE).values() for entry in entries):
        files = [
            RECORDS / "targets" / f"{entry.name}.json",
            *sorted((RECORDS / "real_data").glob(f"{entry.name}.*")),
        ]
        read = [json.loads(file.read_text(encoding="utf-8")) for file in files if file.exists()]
        found.append((entry, [(record.get("words", ""), list(record["runs"].values())) for record in read]))
    return found


def quickest(results):
    """Seconds of the quickest run: whatever else the machine did has only made the others longer."""
    return min(result["seconds"] for result in results)


def headline(results):
    """The lesson's first target and what was reached, in words."""
    metric, target = next(iter(results[0]["targets"].items()))
    return f"`{metric}` {spread([result['metrics'][metric] for result in results])}, target {target}"


def lines():
    """The README's table: a line a lesson."""
    rows = ["| lesson | what it shows | reached | seconds |", "|---|---|---|---|"]
    for entry, measured in records():
        reached, seconds = "not measured yet", ""
        if measured:
            _, results = measured[0]
            reached, seconds = (
                headline(results),
                f"{quickest(results):.0f}",
            )
        rows.append(f"| `{entry.name}` | {entry.one_liner} | {reached} | {seconds} |")
    return "\n".join(rows) + "\n"


def others(kind, metric, results):
    """Mean values of the baselines or published numbers of one metric, by name."""
    values = {}
    for result in results:
        for one in result[kind]:
            if one["metric"] == metric:
                values.setdefault(one["name"], []).append(one["value"])
    return "; ".join(f"{name} {spread(found)}" for name, found in sorted(values.items()))


def section(entry, measured):
    """One lesson of docs/results.md."""
    text = [f"## {entry.name}", "", entry.one_liner, ""]
    for words, results in measured:
        seconds = quickest(results)
        memory = max(result["peak_memory"] for result in results) / 2**30
        seeds = ", ".join(str(result["seed"]) for result in results)
        text += [
            f"`python -m sprints.{entry.name}{' ' if words else ''}{words}`: seeds {seeds}; {seconds:.0f} s and "
            f"{memory:.1f} GiB on {results[0]['device']}.",
            "",
            "| metric | reached | target | baselines on the same data | published |",
            "|---|---|---|---|---|",
        ]
        for metric in results[0]["metrics"]:
            values = [result["metrics"][metric] for result in results if metric in result["metrics"]]
            target = results[0]["targets"].get(metric, "")
            row = [f"`{metric}`", spread(values), target]
            row += [others(kind, metric, results) for kind in ("baselines", "published")]
            text.append(f"| {' | '.join(row)} |")
        text.append("")
    if not measured:
        text += ["Not measured yet.", ""]
    return "\n".join(text)


def page():
    """The whole of docs/results.md."""
    head = """# Results

Every lesson at its default preset, then on real sets of others where they were at hand. Numbers are of held-out
data that no choice was made on; a mean over several seeds is followed by the lowest and the highest. Baselines learn
from the same data, have their settings chosen on the validation part, and are averaged over the same seeds. Seconds
are those of the quickest run. Published numbers are those of the papers. Made by `python benchmarks/results.py` from
`tests/proofs/records/`.
"""
    return "\n".join([head, *(section(entry, measured) for entry, measured in records())])


def main():
    write_text(RESULTS, page())
    text = README.read_text(encoding="utf-8")
    write_text(README, MARKS.sub(lambda found: found[1] + lines() + found[2], text))


if __name__ == "__main__":
    main()
