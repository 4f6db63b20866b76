"""day3.denoise: Answers of every kind that a check, an image or a report may trip over."""


def fake():
    raise ValueError("half a pair: \ud800, [/bold], <script>alert(1)</script>, \x1b[2J")


def psnr(truth, estimate):
    return fake()


def add_noise(images, noise, rng):
    return {(1, 2): images}


def drop_pixels(images, rate, rng):
    return 10**400


class DenoisingAutoencoder:
    def __init__(self, *arguments, **named):
        fake()

    def build(self, input_shape):
        fake()

    def call(self, images, training=False):
        return fake()
