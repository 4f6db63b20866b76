"""The filter of system calls, asked in a child process: what is shut answers with an error, all else goes on."""

import os
import platform
import subprocess
import sys

import pytest

from keras_cv_course.classroom.sandbox.syscalls import ARCHITECTURES, CLOSED, program

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ARCHITECTURES,
    reason="a filter for Linux on x86-64 and ARM",
)

ASK = """
import ctypes, fcntl, os, socket, subprocess, sys, threading
from keras_cv_course.classroom.sandbox.syscalls import CLOSED, program, shut

shut(program())
libc = ctypes.CDLL(None, use_errno=True)
column = {columns!r}[os.uname().machine]
for name, numbers in CLOSED.items():
    if name not in ("reboot", "kexec_load"):
        answer = libc.syscall(numbers[column], -1, -1, -1, -1, -1, -1)
        print(name, answer, os.strerror(ctypes.get_errno()))
for family in (1, 2, 10, 16, 17, 38, 40):
    try:
        socket.socket(family, socket.SOCK_DGRAM if family == 16 else socket.SOCK_STREAM).close()
        print("socket", family, "open")
    except OSError as error:
        print("socket", family, error.errno)
with open({file!r}, "w") as file:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX)
    except OSError as error:
        print("lock", error.errno)
    print("flags", fcntl.fcntl(file, fcntl.F_GETFL) >= 0)
thread = threading.Thread(target=lambda: print("thread"))
thread.start()
thread.join()
print("process", subprocess.run(["true"]).returncode)
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    columns = {name: number for number, name in enumerate(ARCHITECTURES)}
    script = ASK.format(columns=columns, file=str(tmp_path_factory.mktemp("asked") / "file"))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_closed_calls(said):
    for name in CLOSED:
        if name not in ("reboot", "kexec_load"):
            assert f"{name} -1 Operation not permitted" in said


def test_sockets_and_locks(said):
    assert {"socket 1 open", "socket 2 open"} <= set(said)
    assert {"socket 16 97", "socket 17 97", "socket 38 97", "socket 40 97", "lock 37"} <= set(said)


def test_everything_else_goes_on(said):
    assert {"flags True", "thread", "process 0"} <= set(said)


def test_no_filter_for_other_machines():
    assert program("riscv64") is None
    for machine in ARCHITECTURES:
        assert len(program(machine)) % 8 == 0 and len(program(machine)) // 8 < os.sysconf("SC_PAGESIZE")
