"""Pairs side by side: --help says which half is the input, and the lesson asks for pairs before any training."""

import pytest

from keras_cv_course.errors import InputError
from sprints.day4.pix2pix import pix2pix


def test_help_says_which_half_is_the_input(capsys):
    with pytest.raises(SystemExit) as ended:
        pix2pix.main(["--help"])
    words = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert ended.value.code == 0 and "--direction" in words
    assert "BtoA takes the right half of a file as the input (facades), AtoB the left one" in words


@pytest.mark.parametrize("named", [dict(dataset="digits"), dict(direction="AtoB")])
def test_what_does_not_fit_is_refused_before_any_training(named):
    with pytest.raises(InputError, match="needs pairs: .*; digits has none|an option of 'side_by_side'"):
        pix2pix(preset="quick", **named)
