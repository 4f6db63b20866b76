"""The one exception that is meant for people."""


class InputError(ValueError):
    """Something that the user gave cannot be used.

    The message is one line: what was expected, what was received, what to do. On the command line
    it goes to standard error and the exit code is 2; a program can catch it as a `ValueError`.
    """
