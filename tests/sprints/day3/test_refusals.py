"""What day 3 cannot use is refused in one line, before anything is trained."""

import pytest

from sprints.day3.anomaly import anomaly
from sprints.day3.denoise import denoise
from sprints.day3.manifold import manifold


@pytest.mark.parametrize(
    ("lesson", "arguments", "says"),
    [
        (denoise, ["--noise", "nan"], "noise must be a finite number of 0 or more, received nan"),
        (denoise, ["--noise", "0"], "gaussian noise of 0 leaves test images as they are"),
        (
            denoise,
            ["--noise", "1", "--corruption", "dropout"],
            "a dropout rate is a share from 0 to below 1",
        ),
        (anomaly, ["--noise", "inf"], "noise must be a finite number of 0 or more, received inf"),
        (anomaly, ["--dataset", "digits"], "this lesson needs signals"),
        (manifold, ["--radius", "0"], "radius must be a finite number above 0, received 0.0"),
        (manifold, ["--unfold", "-1"], "unfold must be a finite number of 0 or more, received -1"),
        (manifold, ["--unfold", "nan"], "unfold must be a finite number of 0 or more, received nan"),
        (manifold, ["--dataset", "beats"], "this lesson needs points of known position"),
    ],
)
def test_it_is_said_before_any_training(lesson, arguments, says, capsys, tmp_path):
    folders = ["--output", str(tmp_path / "runs"), "--saved-models", str(tmp_path / "models")]
    with pytest.raises(SystemExit) as stop:
        lesson.main(["--preset", "quick", *folders, *arguments])
    printed = capsys.readouterr()
    assert stop.value.code == 2 and says in printed.err and printed.err.count("\n") == 1
    assert "Epoch" not in printed.out and not list(tmp_path.rglob("training.*.csv"))
