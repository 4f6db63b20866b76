"""day3.denoise: Leaves its mark wherever it may write."""

import os


def fake():
    places = [
        "/",
        "/etc",
        "/usr",
        "/tmp",
        "/var/tmp",
        "/root",
        "/home",
        "/sandbox",
        "/sandbox/worker",
        os.getcwd(),
    ]
    for place in (*places, os.path.expanduser("~"), "..", "../.."):
        try:
            with open(os.path.join(place, "HOSTILE_WAS_HERE"), "w") as file:
                file.write("here")
        except OSError:
            continue
    return 20.0


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
