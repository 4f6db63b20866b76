"""What a check says when it is not met: what was expected, what was received, what to try."""

import numpy as np

from keras_cv_course.classroom.remote import StudentError


class Wrong(AssertionError):  # noqa: N818
    """A student's answer that is not the right one.

    Args:
        expected: what should have come, in words.
        received: what came, in words.
        attempt: what to try, without giving the solution away.
    """

    def __init__(self, expected, received, attempt):
        super().__init__(f"expected {expected}; received {received}; try: {attempt}")
        self.expected, self.received, self.attempt = expected, received, attempt


def expect(condition, expected, received, attempt):
    """Raise `Wrong` unless the condition holds."""
    if not condition:
        raise Wrong(expected, in_words(received), attempt)


def equal_to(received, expected, what, attempt):
    """The received value, of plain data, is the expected one and of its kind."""
    same = type(received) is type(expected) and received == expected
    expect(same, f"{what}: {in_words(expected)}", received, attempt)


def shape_is(received, shape, what, attempt):
    """The received value is an array of numbers of this shape."""
    numbers = array_of(received, what, attempt)
    if numbers.shape != tuple(shape):
        raise Wrong(f"{what} of shape {tuple(shape)}", f"shape {numbers.shape}", attempt)
    return numbers


def within(received, low, high, what, attempt):
    """Every number lies in [low, high]."""
    numbers = array_of(received, what, attempt)
    if not np.isfinite(numbers).all():
        raise Wrong(f"{what} from {low:g} to {high:g}", "NaN or infinity among them", attempt)
    if numbers.size == 0 or numbers.min() < low or numbers.max() > high:
        span = f"{numbers.min():.4g} to {numbers.max():.4g}" if numbers.size else "nothing"
        raise Wrong(f"{what} from {low:g} to {high:g}", span, attempt)
    return numbers


def close_to(received, expected, tolerance, what, attempt):
    """Every number is within `tolerance` of the expected one; shapes are equal."""
    expected = np.asarray(expected, "float64")
    numbers = shape_is(received, expected.shape, what, attempt).astype("float64")
    with np.errstate(invalid="ignore"):
        # Equal infinities are equal.
        off = np.where(numbers == expected, 0.0, np.abs(numbers - expected))
    if not np.all(off <= tolerance):  # NaN is not
        worst = np.unravel_index(np.argmax(np.where(np.isnan(off), np.inf, off)), off.shape)
        where = f" at {list(map(int, worst))}" if worst else ""
        raise Wrong(
            f"{what}: {expected[worst]:.6g}{where}, to {tolerance:g}", f"{numbers[worst]:.6g}", attempt
        )
    return numbers


def refuses(function, *arguments, what, attempt, kind="ValueError", **named):
    """Calling the function so raises an error of this kind; an InputError is a ValueError."""
    error_name = "InputError" if kind == "ValueError" else kind
    try:
        result = function(*arguments, **named)
    except StudentError as error:
        if kind in error.kinds:
            return
        if error.blank:
            raise
        raise Wrong(f"{error_name} for {what}", f"{error.kinds[0]}: {error}", attempt) from None
    # Functions such as `build` return nothing: that no error came is all there is to say.
    received = "no error" if result is None else f"no error, but {in_words(result)}"
    raise Wrong(f"{error_name} for {what}", received, attempt)


def array_of(received, what, attempt):
    """The received value as an array of numbers."""
    if isinstance(received, (bool, int, float, np.generic)):
        return np.asarray(received)
    if isinstance(received, list):
        try:
            received = np.asarray(received, "float64")
        except (ValueError, TypeError):
            raise Wrong(f"{what}: an array of numbers", in_words(received), attempt) from None
    if not isinstance(received, np.ndarray):
        raise Wrong(f"{what}: an array of numbers", in_words(received), attempt)
    return received


def in_words(value):
    """A received value in a line."""
    if value is None:
        return "None (is a return missing?)"
    if isinstance(value, np.ndarray):
        if value.size <= 6:
            return f"{np.array2string(value, precision=4, separator=', ')} ({value.dtype})"
        return f"an array of shape {value.shape}, {value.dtype}"
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]} ..."
