"""Hold a student's file and do what the checks ask of it, in a process of its own.

Run as `python -I FOLDER`, the folder of this file. Requests come on standard input, answers go to what was
standard output; what the student's code prints goes to standard error. What takes long to
import, such as Keras, is imported once; on Linux every visit is a fork of that warm process, so that nothing
that a student's code does outlasts the visit.
"""

import contextlib
import faulthandler
import gc
import importlib
import os
import signal
import sys

# The folder is a package; nothing beside it is to be found by the student's code.
sys.path[0] = os.path.dirname(sys.path[0])
from worker.messages import BadMessage, receive, send  # noqa: E402
from worker.visit import serve  # noqa: E402

del sys.path[0]

FORKS = sys.platform == "linux"
LEFT = 75  # exit code of a visit that ended as it should
CLOSED = "the reference is closed in an exercise: {} cannot be imported; write your own"


class Closed:
    """Import hook that keeps the reference solution shut."""

    def __init__(self, modules):
        self.modules = tuple(modules)

    def find_spec(self, name, path=None, target=None):
        if any(name == module or name.startswith(f"{module}.") for module in self.modules):
            raise ImportError(CLOSED.format(name))
        return None


def main():
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)  # what was printed is there when the process is ended
    with contextlib.suppress(AttributeError, ValueError):
        faulthandler.register(signal.SIGUSR1, all_threads=False)  # asked where it stands, it prints its stack
    silence = os.open(os.devnull, os.O_RDONLY)
    os.dup2(silence, 0)
    begin = receive(requests)
    sys.path[0:0] = begin.get("path", [])
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    for module in begin.get("imports", ()):
        importlib.import_module(module)
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
                os._exit(1)
        if child == 0:
            os._exit(LEFT)
        if child is not None:
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            if code != LEFT:
                # The code has ended its visit: the other side notices by the end of this process.
                os._exit(code if code >= 0 else 128 - code)


main()
