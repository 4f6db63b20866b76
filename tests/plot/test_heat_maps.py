import numpy as np

from keras_cv_course.plot.heat_maps import heat_maps

rng = np.random.default_rng(0)


def test_panels_show_image_map_box_and_point():
    image, found = rng.random((6, 8, 3)), rng.normal(size=(6, 8))
    rows = {
        "first": [{"image": image, "title": "image"}, {"map": found, "title": "map"}],
        "second": [
            {"image": image, "map": found, "title": "both", "boxes": [((1, 1, 3, 4), "red", "-")], "point": (2.5, 1.5)}
        ],
    }  # fmt: skip
    figure = heat_maps(rows, "title", note="note")
    first, alone, both, empty = figure.axes
    assert [axis.get_title() for axis in figure.axes] == ["image", "map", "both", ""]
    np.testing.assert_array_equal(first.images[0].get_array(), image)
    # A map alone: grey levels from 0 to its 99th percentile, what is negative is black.
    positive = np.maximum(found, 0)
    np.testing.assert_array_equal(alone.images[0].get_array(), positive)
    assert alone.images[0].get_clim() == (0, np.percentile(positive, 99))
    np.testing.assert_allclose(both.images[0].get_array(), image.mean(axis=-1))
    assert both.images[1].get_clim() == (0, positive.max()) and both.patches
    np.testing.assert_array_equal(np.ravel(both.lines[0].get_data()), [2.5, 1.5])
    assert not empty.images and first.get_ylabel() == "first"


def test_a_map_of_zeros_and_headings_of_the_first_row_alone():
    panels = [{"map": np.zeros((4, 4)), "title": "map"}]
    figure = heat_maps({"one": panels, "two": panels}, "title", headings=False)
    assert [axis.get_title() for axis in figure.axes] == ["map", ""]
    figure.savefig("zeros.png")
