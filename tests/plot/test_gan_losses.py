import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from keras_cv_course.plot.gan_losses import gan_losses

HEALTHY = {"discriminator_loss": (0.2, 1.6), "generator_loss": (0.4, 4.0)}


def test_a_column_a_run_and_a_row_a_network_over_its_band():
    runs = {
        "sound": {"discriminator_loss": [1.2, 1.1, 1.0], "generator_loss": [0.8, 0.9, 1.0]},
        "lost": {"discriminator_loss": [0.5, 0.01], "generator_loss": [3.0, 30.0]},
    }
    levels = {"discriminator_loss": 1.386, "generator_loss": 0.693}
    figure = gan_losses(runs, HEALTHY, "title", levels)
    FigureCanvasAgg(figure).draw()
    assert [axis.get_title() for axis in figure.axes] == ["sound", "lost", "", ""]
    for axis, (name, heading) in zip(figure.axes, [(n, h) for n in HEALTHY for h in runs], strict=True):
        level, line = axis.lines
        np.testing.assert_array_equal(line.get_ydata(), runs[heading][name])
        np.testing.assert_array_equal(line.get_xdata(), np.arange(len(runs[heading][name])) + 1)
        assert level.get_ydata()[0] == levels[name]
        (band,) = axis.patches
        low, high = band.get_bbox().intervaly
        assert (low, high) == HEALTHY[name]
        bottom, top = axis.get_ylim()
        assert bottom < 0.01 and top > 30
    assert figure.axes[0].get_ylabel() == "discriminator's loss"


def test_one_run_without_levels():
    figure = gan_losses({"a": {"discriminator_loss": [1], "generator_loss": [1]}}, HEALTHY, "one")
    assert [len(axis.lines) for axis in figure.axes] == [1, 1]
