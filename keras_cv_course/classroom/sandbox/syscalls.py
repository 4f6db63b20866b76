"""What a submission may not ask of the Linux kernel: a seccomp filter, written out as the kernel takes it.

It shuts what outlasts a visit or is counted for nobody (keys, System V memory, memory files, message queues), new
namespaces and mounts, other processes' memory, kinds of sockets that no network namespace holds, and locks on files,
by which two submissions could talk. Everything else stays allowed. See seccomp(2) and linux/filter.h.
"""

import ctypes
import errno
import platform
import struct

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# Numbers of the system calls on either architecture.
CLOSED = {
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "shmdt": (67, 197),
    "semget": (64, 190), "semop": (65, 193), "semctl": (66, 191),
    "msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187),
    "mq_open": (240, 180), "mq_unlink": (241, 181),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "memfd_create": (319, 279), "memfd_secret": (447, 447),
    "unshare": (272, 97), "setns": (308, 268),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "personality": (135, 92),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142), "acct": (163, 89),
    "swapon": (167, 224), "swapoff": (168, 225), "quotactl": (179, 60),
    "sethostname": (170, 161), "setdomainname": (171, 162),
    "flock": (73, 32),
}  # fmt: skip
CLONE, CLONE3, SOCKET, FCNTL = (56, 220), (435, 435), (41, 198), (72, 25)
NEW_NAMESPACES = 0x7E020000  # CLONE_NEW* of clone's flags
LOCKS = (
    6,
    7,
    37,
    38,
    1024,
    1026,
)  # commands of fcntl: F_SETLK, F_SETLKW, F_OFD_SETLK(W), F_SETLEASE, F_NOTIFY
FAMILIES = (1, 2, 10)  # sockets that stay: unix, and the two internets, of which a sandbox has an empty one

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT = 0, 4, 16, 24  # places in struct seccomp_data
NO_NEW_PRIVILEGES, SECCOMP, FILTER = 38, 22, 2  # of prctl


def program(machine=None):
    """The filter as bytes of `struct sock_filter`s; None on another architecture.

    Args:
        machine: as `platform.machine` says it.
    """
    machine = machine or platform.machine()
    if machine not in ARCHITECTURES:
        return None
    column = list(ARCHITECTURES).index(machine)
    never, no_such_call = REFUSE | errno.EPERM, REFUSE | errno.ENOSYS
    steps = [(LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, ARCHITECTURES[machine]), (RETURN, 0, 0, no_such_call)]
    steps += [(LOAD, 0, 0, NUMBER)]
    if machine == "x86_64":  # the x32 calls have numbers of their own
        steps += [(AT_LEAST, 0, 1, 0x40000000), (RETURN, 0, 0, no_such_call)]
    for numbers in CLOSED.values():
        steps += [(EQUAL, 0, 1, numbers[column]), (RETURN, 0, 0, never)]
    # The C library asks clone3 first; its flags lie in memory, where no filter looks. Told that there is none, it
    # asks clone.
    steps += [(EQUAL, 0, 1, CLONE3[column]), (RETURN, 0, 0, no_such_call)]
    flags = [(LOAD, 0, 0, FIRST_ARGUMENT), (ANY_BIT, 0, 1, NEW_NAMESPACES), (RETURN, 0, 0, never)]
    steps += [(EQUAL, 0, len(flags) + 1, CLONE[column]), *flags, (RETURN, 0, 0, ALLOW)]
    family = [(LOAD, 0, 0, FIRST_ARGUMENT)]
    family += [(EQUAL, len(FAMILIES) - place, 0, number) for place, number in enumerate(FAMILIES)]
    family += [(RETURN, 0, 0, REFUSE | errno.EAFNOSUPPORT)]
    # Two families of steps, each behind its call's number: what it lists, and then all the rest of that call.
    steps += [(EQUAL, 0, len(family) + 1, SOCKET[column]), *family, (RETURN, 0, 0, ALLOW)]
    locks = [(LOAD, 0, 0, SECOND_ARGUMENT)]
    locks += [(EQUAL, len(LOCKS) - place, 0, number) for place, number in enumerate(LOCKS)]
    locks += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE | errno.ENOLCK)]
    steps += [(EQUAL, 0, len(locks), FCNTL[column]), *locks, (RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def shut(code):
    """Put this process, and all that it starts, under a filter, and let none of them gain privileges.

    Args:
        code: bytes of `program`, or None for the privileges alone.

    Raises:
        OSError: the kernel refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    if code is None:
        return

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]

    filtering = Program(len(code) // 8, code)
    if libc.prctl(SECCOMP, FILTER, ctypes.byref(filtering), 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
