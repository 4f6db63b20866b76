from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from keras_cv_course.errors import InputError
from keras_cv_course.lesson.notebook import notebook, write_notebook
from sprints.day3.denoise import denoise


def test_executes_top_to_bottom_with_the_metrics_of_the_script(tmp_path):
    script = denoise(preset="quick", seed=2)
    made = notebook(denoise, preset="quick", seed=2, output=tmp_path / "n", saved_models=tmp_path / "m")
    nbformat.validate(made)
    made.cells[-1].source += "\nprint(run.values)"
    NotebookClient(made, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    values = eval(
        "".join(o.text for o in made.cells[-1].outputs if o.get("name") == "stdout").splitlines()[-1]
    )
    assert values == pytest.approx(script.values, abs=1e-6)
    pictures = [o for cell in made.cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
    assert len(pictures) == len(script.figures)


def test_a_student_reads_text_and_finds_the_knobs():
    made = notebook(denoise)
    texts = [cell.source for cell in made.cells if cell.cell_type == "markdown"]
    assert texts[0].startswith("# Denoising autoencoder") and "standard deviation of the noise" in texts[1]
    (knobs,) = (cell for cell in made.cells if "parameters" in cell.metadata.get("tags", []))
    values = {}
    exec(knobs.source, values)
    assert {name: values[name] for name in denoise.knobs} == denoise.defaults("class")
    source = Path(denoise.function.__code__.co_filename).read_text().splitlines()
    steps = [line.strip() for line in source if "# %% " in line]
    assert [f"# %% {text}" for text in texts[2:-1]] == steps


def test_never_over_a_file(tmp_path):
    made = notebook(denoise)
    write_notebook(tmp_path / "n.ipynb", made)
    with pytest.raises(InputError, match="is there already"):
        write_notebook(tmp_path / "n.ipynb", made)
    with pytest.raises(InputError, match="ends in .ipynb"):
        write_notebook(tmp_path / "n.txt", made)
