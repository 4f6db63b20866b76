import time

import keras
import numpy as np

from keras_cv_course.training.epoch_timer import EpochTimer


def test_every_epoch_is_timed_and_all_of_them_are_no_longer_than_the_training():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    timer = EpochTimer()
    for epochs in (2, 3):
        began = time.monotonic()
        model.fit(np.ones((8, 3)), np.ones(8), epochs=epochs, verbose=0, callbacks=[timer])
        assert len(timer.seconds) == epochs and min(timer.seconds) > 0
        assert sum(timer.seconds) <= time.monotonic() - began
