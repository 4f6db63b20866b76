import numpy as np
import pytest
from PIL import Image

from keras_cv_course.errors import InputError
from keras_cv_course.plot.animation import save_animation


def test_images_in_the_order_of_time_with_a_rest_at_the_end(tmp_path):
    images = [np.full((4, 6, 3), [80 * i, 0, 0], "uint8") for i in range(3)]
    save_animation(tmp_path / "film.gif", images, "A square that grows redder.", seconds=3)
    with Image.open(tmp_path / "film.gif") as film:
        assert film.n_frames == 3 and film.info["loop"] == 0
        assert film.info["comment"] == b"A square that grows redder."
        seen = [(film.seek(i), np.asarray(film.convert("RGB")), film.info["duration"]) for i in range(3)]
    assert [pause for _, _, pause in seen] == [1000, 1000, 2000]
    assert all((image == expected).all() for (_, image, _), expected in zip(seen, images))


@pytest.mark.parametrize("forms", [[((4, 6), "uint8")], [((4, 6), "uint8"), ((5, 6), "uint8")],
                                   [((4, 6), "float32")] * 2, []])  # fmt: skip
def test_what_is_no_animation_is_refused(forms, tmp_path):
    with pytest.raises(InputError, match="two or more uint8 images of one size"):
        save_animation(tmp_path / "film.gif", [np.zeros(*form) for form in forms], "Nothing.")
    assert not list(tmp_path.iterdir())
