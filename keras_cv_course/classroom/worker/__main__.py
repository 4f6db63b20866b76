"""Hold a student's file and do what the checks ask of it, in a process of its own.

Run as `python -I FOLDER`, the folder of this file. Requests come on standard input, answers go to what was
standard output; what the student's code prints goes to standard error. Keras is imported once; on Linux
every visit is a fork of that warm process, so that nothing that a student's code does outlasts the visit.
"""

import gc
import linecache
import os
import sys
import traceback
import types

from definitions import compose, find, is_blank
from messages import BadMessage, receive, send

FORKS = sys.platform == "linux"
CLOSED = "the reference is closed in an exercise: {} cannot be imported; write your own"


class Closed:
    """Import hook that keeps the reference solution shut."""

    def __init__(self, modules):
        self.modules = tuple(modules)

    def find_spec(self, name, path=None, target=None):
        if any(name == module or name.startswith(f"{module}.") for module in self.modules):
            raise ImportError(CLOSED.format(name))
        return None


class Visit:
    """What a fork knows: the loaded files, and the objects that checks hold on to."""

    def __init__(self):
        self.objects = {}

    def hold(self, thing):
        """The JSON form of what no message can say: its number here."""
        number = len(self.objects)
        self.objects[number] = thing
        return {"$object": number, "type": type(thing).__name__}

    def find(self, form):
        if "$object" in form:
            return self.objects[form["$object"]]
        number, path = form["$name"]
        thing = self.objects[number]
        for part in path.split("."):
            thing = getattr(thing, part)
        return thing

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

    def call(self, target, arguments, named):
        return target(*arguments, **named)

    def value(self, target):
        return target

    def answer(self, request):
        action = getattr(self, request["do"])
        return action(*request.get("with", ()), **request.get("named", {}))


def complaint(error, filename):
    """What an exception says about a student's file: kinds, message, and the last line of theirs in it."""
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == filename]
    where = {"line": lines[-1].lineno, "code": (lines[-1].line or "").strip()} if lines else {}
    if isinstance(error, SyntaxError) and error.filename == filename:
        where = {"line": error.lineno, "code": (error.text or "").strip()}
    kinds = [kind.__name__ for kind in type(error).__mro__]
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return {"kinds": kinds, "message": str(message)[:2000], **where}


def serve(requests, answers):
    """Answer requests until the visit ends."""
    visit, filename = Visit(), None
    while True:
        request = receive(requests, visit.find)
        if request["do"] == "leave":
            send(answers, {"result": None})
            return
        if request["do"] in ("load", "blanks"):
            filename = request["named"]["filename"]
        try:
            reply(answers, visit, visit.answer(request))
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            send(answers, {"error": complaint(error, filename)})


def reply(answers, visit, result):
    """Send a result; what is no plain value stays here under a number."""

    try:
        send(answers, {"result": settled(result)}, visit.hold)
    except BadMessage as error:
        kinds = ["BadMessage", "ValueError", "Exception"]
        send(answers, {"error": {"kinds": kinds, "message": f"it returned {error}"}})


def settled(value):
    """Tensors and variables as arrays, also inside lists, tuples and dictionaries."""
    import numpy as np

    if isinstance(value, np.ndarray):
        return np.array(value, copy=True, subok=False)
    if type(value) in (list, tuple):
        return [settled(item) for item in value]
    if type(value) is dict:
        return {str(key): settled(item) for key, item in value.items()}
    if isinstance(value, (bool, int, float, str, type(None), np.generic)):
        return value
    if callable(getattr(value, "numpy", None)):
        return np.array(value.numpy(), subok=False)
    if hasattr(value, "__array__") and not isinstance(value, type):
        return np.array(value.__array__(), subok=False)
    return value


def main():
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    silence = os.open(os.devnull, os.O_RDONLY)
    os.dup2(silence, 0)
    begin = receive(requests)
    sys.path[1:1] = begin.get("path", [])
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    if begin.get("keras", True):
        import keras  # noqa: F401
    sys.meta_path.insert(0, Closed(begin.get("closed", ())))
    gc.freeze()
    send(answers, {"result": "ready"})
    while True:
        try:
            request = receive(requests)
        except EOFError:
            return
        if request["do"] != "enter":
            raise BadMessage(f"enter was expected, {request['do']} came")
        child = os.fork() if FORKS else None
        if child in (0, None):
            send(answers, {"result": "entered"})
            try:
                serve(requests, answers)
            except EOFError:
                os._exit(0)
        if child == 0:
            os._exit(0)
        if child is not None and os.waitpid(child, 0)[1] != 0:
            os._exit(1)


main()
