"""One visit to a student's file: load it, call it, keep what cannot be sent."""

import linecache
import os
import sys
import traceback
import types

import numpy as np

from .definitions import compose, find, is_blank
from .messages import BadMessage, receive, send
from .used_names import used_of

SCALARS = (np.bool_, np.int32, np.int64, np.float16, np.float32, np.float64)


class ChangedInput(ValueError):  # noqa: N818
    """A function has changed an array that was handed to it."""


class Name:
    """An object of the visit, or something that hangs from it, as a request names it."""

    def __init__(self, form):
        if "$object" in form:
            self.number, self.path = form["$object"], ()
        else:
            self.number, self.path = form["$name"][0], form["$name"][1].split(".")


class Visit:
    """What a fork knows: the loaded files, and the objects that checks hold on to."""

    def __init__(self):
        self.objects = {}

    def hold(self, thing):
        """The JSON form of what no message can say: its number here."""
        number = len(self.objects)
        self.objects[number] = thing = thing.thing if isinstance(thing, Other) else thing
        return {"$object": number, "type": type(thing).__name__}

    def resolved(self, value):
        """A request's value with the objects themselves in place of their names."""
        if isinstance(value, Name):
            thing = self.objects[value.number]
            for part in value.path:
                thing = getattr(thing, part)
            return thing
        if isinstance(value, (list, tuple)):
            return type(value)(self.resolved(item) for item in value)
        if isinstance(value, dict):
            return {key: self.resolved(item) for key, item in value.items()}
        return value

    def load(self, source, filename, given=None, blank=None):
        """Run a file as a module; its handle."""
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        tree = compose(source, filename, given, blank)
        module = types.ModuleType(f"mine_{len(self.objects)}")
        module.__file__ = filename
        sys.modules[module.__name__] = module
        exec(compile(tree, filename, "exec"), module.__dict__)
        return module

    def blanks(self, source, filename, names):
        """Which of some definitions are blank, and which are not there at all."""
        tree = compose(source, filename)
        nodes = {name: find(tree, name) for name in names}
        return {
            "blank": [name for name, node in nodes.items() if node is not None and is_blank(node)],
            "missing": [name for name, node in nodes.items() if node is None],
        }

    def used(self, source, wanted):
        """What a file imports, and which of some names it uses; see `used_names`."""
        return used_of(source, set(wanted))

    def call(self, target, arguments, named):
        before = [(where, array, array.copy()) for where, array in arrays({"": arguments, **named})]
        result = target(*arguments, **named)
        for where, array, copy in before:
            if array.tobytes() != copy.tobytes():
                raise ChangedInput(f"{where} of shape {array.shape} is not what it was before the call")
        return result

    def value(self, target):
        return target

    def answer(self, request):
        action = getattr(self, request["do"])
        return action(*self.resolved(request["with"]), **self.resolved(request["named"]))


def arrays(value, where=""):
    """Yield (which argument, array) of all arrays in nested arguments."""
    if isinstance(value, np.ndarray):
        yield f"argument {where}", value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from arrays(item, where or str(key))
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(value, 1):
            yield from arrays(item, where or str(number))


def complaint(error, filename):
    """What an exception says about a student's file: kinds, message, and the last line of theirs in it."""
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == filename]
    where = {"line": lines[-1].lineno, "code": (lines[-1].line or "").strip()[:200]} if lines else {}
    if isinstance(error, SyntaxError) and error.filename == filename:
        where = {"line": error.lineno, "code": (error.text or "").strip()[:200]}
    kinds = [kind.__name__[:100] for kind in type(error).__mro__[:20]]
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return {"kinds": kinds, "message": str(message)[:2000], **where}


def serve(requests, answers):
    """Answer requests until the visit ends."""
    visit, filename, own = Visit(), None, os.getpid()
    while True:
        request = receive(requests, Name)
        if request["do"] == "leave":
            send(answers, {"result": None})
            return
        if request["do"] in ("load", "blanks"):
            filename = request["named"]["filename"]
        try:
            result = visit.answer(request)
            if os.getpid() == own:
                reply(answers, visit, result)
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            if os.getpid() == own:
                send(answers, {"error": complaint(error, filename)})
        if os.getpid() != own:
            os._exit(1)  # the code has forked, and what came of it would answer in our place


def reply(answers, visit, result):
    """Send a result; what is no plain value stays here under a number."""

    try:
        send(answers, {"result": settled(result)}, visit.hold)
    except BadMessage as error:
        kinds = ["BadMessage", "ValueError", "Exception"]
        send(answers, {"error": {"kinds": kinds, "message": f"it returned {error}"}})


class Other:
    """Something that calls itself an array and is none; it is sent by its number, like any object."""

    def __init__(self, thing):
        self.thing = thing


def settled(value):
    """Tensors and variables as arrays, also inside lists, tuples and dictionaries."""
    if isinstance(value, np.ndarray):
        # A subclass may say anything about itself; it stays here as an object.
        return value.copy() if type(value) is np.ndarray else Other(value)
    if type(value) in (list, tuple):
        return [settled(item) for item in value]
    if type(value) is dict:
        return {str(key): settled(item) for key, item in value.items()}
    if isinstance(value, (bool, int, float, str, type(None), np.generic)):
        return value
    if isinstance(value, type):
        return value
    for reading in ("numpy", "__array__"):
        if callable(getattr(value, reading, None)):
            array = getattr(value, reading)()
            return array if type(array) in (np.ndarray, *SCALARS) else Other(value)
    return value
