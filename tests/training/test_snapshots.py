import keras
import numpy as np

from keras_cv_course.generate.dcgan import DCGAN
from keras_cv_course.plot.image_sheet import eight_bits
from keras_cv_course.training.snapshots import Snapshots

images = np.random.default_rng(3).random((8, 4, 4, 1), dtype="float32")


def gan():
    keras.utils.set_random_seed(0)
    model = DCGAN((4, 4, 1), latent=3, filters=(4,))
    model.build((None, 4, 4, 1))
    model.compile(keras.optimizers.Adam(1e-2, beta_1=0.5), run_eagerly=True)
    return model


def test_one_set_of_images_an_epoch_all_of_the_same_noise(tmp_path):
    model = gan()
    noise = np.random.default_rng(0).uniform(-1, 1, (5, 3)).astype("float32")
    before = eight_bits(keras.ops.convert_to_numpy(model.generator(noise)))
    kept = Snapshots(model.generator, noise, tmp_path / "own", batch_size=2)
    assert kept.images() == {}
    model.fit(images, batch_size=8, epochs=3, verbose=0, callbacks=[kept])
    made = kept.images()
    assert list(made) == [0, 1, 2, 3]
    np.testing.assert_array_equal(made[0], before)
    now = keras.ops.convert_to_numpy(model.generator(noise))
    np.testing.assert_array_equal(made[3], eight_bits(now))
    assert made[1].shape == (5, 4, 4, 1)
    assert np.any(made[3] != before)

    # A training that goes on, in another process say, finds the first epochs and repeats the third.
    again = Snapshots(model.generator, noise, tmp_path / "own")
    model.fit(images, batch_size=8, epochs=4, initial_epoch=2, verbose=0, callbacks=[again])
    assert list(again.images()) == [0, 1, 2, 3, 4]
    for epoch in (0, 1, 2):
        np.testing.assert_array_equal(again.images()[epoch], made[epoch])
    assert np.any(again.images()[3] != made[3])
