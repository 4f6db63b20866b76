"""An animated image that plays again and again."""

from PIL import Image

from keras_cv_course.errors import InputError

LAST_PAUSE = 1000  # milliseconds more for the last image
SHORTEST_PAUSE = 20  # milliseconds; browsers play what is faster slowly


def save_animation(path, images, alt, seconds=8):
    """Write images of one size as a .gif file.

    Args:
        path: the file.
        images: (H, W) or (H, W, 3) uint8 arrays, two or more, in the order of time.
        alt: what it shows, in words, for those who cannot see it.
        seconds: that one turn takes; the last image stays for a second more.

    Raises:
        InputError: there is no second image, or they are not of one size and uint8.
    """
    forms = {(image.shape, str(image.dtype)) for image in images}
    if len(images) < 2 or len(forms) != 1 or next(iter(forms))[1] != "uint8":
        raise InputError(f"an animation needs two or more uint8 images of one size, got {forms}")
    first, *others = (Image.fromarray(image) for image in images)
    each = max(SHORTEST_PAUSE, round(1000 * seconds / len(images)))
    pauses = [*(each for _ in others), each + LAST_PAUSE]
    first.save(path, save_all=True, append_images=others, duration=pauses, loop=0, comment=alt.encode())
