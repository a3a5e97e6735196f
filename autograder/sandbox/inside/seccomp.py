"""The system-call filter of a student's process, as raw BPF: no library is needed to load it.

A short list of what no numerical program needs is refused with EPERM: tracing, keyrings, bpf, io_uring,
mounts, further namespaces, locks that others see, memory that no limit counts: of the kernel, and shared
without a file. Sockets exist for the family UNIX only. Some are answered with ENOSYS, so that the C library
falls back to older ones: clone3 to clone, whose flags can be read. So is what Linux got after this was
written. prctl gets new uses with each version: a few old ones are there, and no others.

Runs inside the sandbox, so it imports nothing of the project. Source of the numbers: asm/unistd_64.h and
asm-generic/unistd.h.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Collection, Mapping

# name: (x86_64, aarch64); None where the architecture never had it
REFUSED: dict[str, tuple[int | None, int | None]] = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "statmount": (457, 457),
    "listmount": (458, 458),
    "open_tree_attr": (467, 467),
    "unshare": (272, 97),
    "setns": (308, 268),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "syslog": (103, 116),
    "personality": (135, 92),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "lookup_dcookie": (212, 18),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "vhangup": (153, 58),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "nfsservctl": (180, 42),
    "uselib": (134, None),
    "sysfs": (139, None),
    "vmsplice": (278, 75),
    # memory that belongs to no process, so that no limit would see it
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    # of these the machine has a number for all: who takes them takes them from others
    "io_setup": (206, 0),
    # room for programs that the kernel translates; without it no neighbour's filter can be loaded
    "seccomp": (317, 277),
    # descriptors on their way in a socket, of which an account, the grader's too, may have a few
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    # signs that another submission would see on a file of both: locks, and who opened what
    "flock": (73, 32),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "inotify_add_watch": (254, 27),
    # which pages of such a file are in memory, and who puts them out of it
    "mincore": (27, 232),
    "cachestat": (451, 451),
    "fadvise64": (221, 223),
    # waiting at such a page, in ways that the C library does not know
    "futex_waitv": (449, 449),
    "futex_wait": (455, 455),
    # writes what the whole machine has not written yet
    "sync": (162, 81),
    "syncfs": (306, 267),
}
MISSING: dict[str, tuple[int, int]] = {
    "clone3": (435, 435),
    # with RWF_NOWAIT and RESOLVE_CACHED these tell which pages and names another submission has looked at
    "preadv2": (327, 286),
    "pwritev2": (328, 287),
    "openat2": (437, 437),
    # a set of rules is a descriptor, with memory for all ports that no process is charged for
    "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
}
NEWEST = 469  # file_setattr of Linux 6.17; what came later is missing
CLONE, SOCKET, SOCKETPAIR = (56, 220), (41, 198), (53, 199)
MMAP, SETSOCKOPT, FCNTL, FUTEX, MADVISE = (9, 222), (54, 208), (72, 25), (202, 98), (28, 233)
PRCTL = (157, 167)
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

NAMESPACE_FLAGS = 0x7E020080  # CLONE_NEW{NS, CGROUP, UTS, IPC, USER, PID, NET, TIME}
AF_UNIX = 1
MAP_SHARED, MAP_ANONYMOUS = 0x01, 0x20  # MAP_SHARED_VALIDATE, 0x03, has the bit of MAP_SHARED, too
MAP_HUGETLB = 0x40000  # pages of a store that is the machine's
BUFFERS = (7, 8, 32, 33)  # setsockopt: SO_SNDBUF, SO_RCVBUF, SO_SNDBUFFORCE, SO_RCVBUFFORCE
PROGRAMS = (26, 50, 51, 52)  # SO_ATTACH_FILTER, SO_ATTACH_BPF, SO_ATTACH_REUSEPORT_CBPF and _EBPF
# prctl: what programs, threads and the C library say of themselves. Not PR_SET_SECCOMP, for example, nor
# PR_FUTEX_HASH, which makes a table in the kernel as large as one likes.
SELF: dict[str, int] = {
    "PR_SET_PDEATHSIG": 1,
    "PR_GET_PDEATHSIG": 2,
    "PR_GET_DUMPABLE": 3,
    "PR_SET_DUMPABLE": 4,
    "PR_SET_NAME": 15,
    "PR_GET_NAME": 16,
    "PR_GET_SECCOMP": 21,
    "PR_CAPBSET_READ": 23,
    "PR_SET_TIMERSLACK": 29,
    "PR_GET_TIMERSLACK": 30,
    "PR_SET_CHILD_SUBREAPER": 36,
    "PR_GET_CHILD_SUBREAPER": 37,
    "PR_SET_NO_NEW_PRIVS": 38,
    "PR_GET_NO_NEW_PRIVS": 39,
    "PR_GET_TID_ADDRESS": 40,
    "PR_GET_THP_DISABLE": 42,
    "PR_SVE_GET_VL": 51,
    "PR_GET_SPECULATION_CTRL": 52,
    "PR_GET_TAGGED_ADDR_CTRL": 56,
    "PR_SET_VMA": 0x53564D41,  # a name for memory
    "PR_GET_AUXV": 0x41555856,
}
LOCKS = (5, 6, 7, 36, 37, 38)  # fcntl: F_GETLK, F_SETLK, F_SETLKW, and the same with F_OFD_
WATCHES = (1024, 1026, 1031)  # fcntl: F_SETLEASE, F_NOTIFY, F_SETPIPE_SZ
OUT_OF_MEMORY = (20, 21)  # madvise: MADV_COLD, MADV_PAGEOUT
FUTEX_PRIVATE, FUTEX_COMMAND = 128, 0x7F
WAITS = (0, 9, 11)  # futex: FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_WAIT_REQUEUE_PI
_LOAD, _AND, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
_KILL, _ERROR, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_SECOND_ARGUMENT, _THIRD_ARGUMENT, _FOURTH_ARGUMENT = 24, 32, 40


class Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _instruction(code: int, k: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, k)


def _answered(calls: Mapping[str, tuple[int | None, int | None]], column: int, error: int) -> list[bytes]:
    """Calls that are answered with an error, whatever their arguments."""
    numbers = (pair[column] for pair in calls.values())
    return [
        instruction
        for number in numbers
        if number is not None
        for instruction in (_instruction(_EQUAL, number, 0, 1), _instruction(_RETURN, _ERROR | error))
    ]


def _refused_values(number: int, argument: int, values: tuple[int, ...]) -> list[bytes]:
    """A call that is refused if an argument has one of these values."""
    code = [_instruction(_LOAD, argument)]
    for value in values:
        code += [_instruction(_EQUAL, value, 0, 1), _instruction(_RETURN, _ERROR | errno.EPERM)]
    code.append(_instruction(_RETURN, _ALLOW))
    return [_instruction(_EQUAL, number, 0, len(code)), *code]


def _allowed_values(number: int, argument: int, values: Collection[int], error: int) -> list[bytes]:
    """A call that is answered with an error unless an argument has one of these values."""
    code = [_instruction(_LOAD, argument)]
    code += [_instruction(_EQUAL, value, len(values) - place, 0) for place, value in enumerate(values)]
    code += [_instruction(_RETURN, _ERROR | error), _instruction(_RETURN, _ALLOW)]
    return [_instruction(_EQUAL, number, 0, len(code)), *code]


def _own_memory(number: int) -> list[bytes]:
    """mmap: no shared memory without a file, and no huge pages of the machine's."""
    code = [
        _instruction(_LOAD, _FOURTH_ARGUMENT),
        _instruction(_ANY_BIT, MAP_HUGETLB, 2, 0),
        _instruction(_AND, MAP_SHARED | MAP_ANONYMOUS),
        _instruction(_EQUAL, MAP_SHARED | MAP_ANONYMOUS, 0, 1),
        _instruction(_RETURN, _ERROR | errno.EPERM),
        _instruction(_RETURN, _ALLOW),
    ]
    return [_instruction(_EQUAL, number, 0, len(code)), *code]


def _local_sockets(number: int) -> list[bytes]:
    """A call that makes sockets: between processes of this machine, and no others."""
    return [
        _instruction(_EQUAL, number, 0, 4),
        _instruction(_LOAD, _FIRST_ARGUMENT),
        _instruction(_EQUAL, AF_UNIX, 1, 0),
        _instruction(_RETURN, _ERROR | errno.EACCES),
        _instruction(_RETURN, _ALLOW),
    ]


def _private_waits(number: int) -> list[bytes]:
    """futex: nobody sleeps at a page of a file, where another submission that maps the file could wake it.

    The answer is EAGAIN, "look again": semaphores of processes, and who waits for a thread's end, then ask
    until it is so.
    """
    sleeps = [_instruction(_EQUAL, wait, len(WAITS) - place, 0) for place, wait in enumerate(WAITS)]
    code = [
        _instruction(_LOAD, _SECOND_ARGUMENT),
        _instruction(_ANY_BIT, FUTEX_PRIVATE, len(sleeps) + 1, 0),
        _instruction(_AND, FUTEX_COMMAND),
        *sleeps,
        _instruction(_RETURN, _ALLOW),
        _instruction(_RETURN, _ERROR | errno.EAGAIN),
    ]
    return [_instruction(_EQUAL, number, 0, len(code)), *code]


def program(machine: str) -> bytes:
    """The filter for an architecture, "x86_64" or "aarch64"; KeyError for any other."""
    column, audit = ARCHITECTURES[machine]
    refuse = _instruction(_RETURN, _ERROR | errno.EPERM)
    code = [
        _instruction(_LOAD, _ARCHITECTURE),
        _instruction(_EQUAL, audit, 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER),
        _instruction(_AT_LEAST, 0x40000000, 0, 1),
        _instruction(_RETURN, _KILL),  # the x32 numbers
        _instruction(_AT_LEAST, NEWEST + 1, 0, 1),
        _instruction(_RETURN, _ERROR | errno.ENOSYS),
    ]
    code += _answered(MISSING, column, errno.ENOSYS) + _answered(REFUSED, column, errno.EPERM)
    code += [  # clone: threads and forks, no namespaces
        _instruction(_EQUAL, CLONE[column], 0, 4),
        _instruction(_LOAD, _FIRST_ARGUMENT),
        _instruction(_ANY_BIT, NAMESPACE_FLAGS, 0, 1),
        refuse,
        _instruction(_RETURN, _ALLOW),
    ]
    code += _local_sockets(SOCKET[column]) + _local_sockets(SOCKETPAIR[column])
    code += _own_memory(MMAP[column])
    code += _allowed_values(PRCTL[column], _FIRST_ARGUMENT, SELF.values(), errno.EINVAL)
    code += _refused_values(SETSOCKOPT[column], _THIRD_ARGUMENT, BUFFERS + PROGRAMS)
    code += _refused_values(FCNTL[column], _SECOND_ARGUMENT, LOCKS + WATCHES)
    code += _refused_values(MADVISE[column], _THIRD_ARGUMENT, OUT_OF_MEMORY)
    code += _private_waits(FUTEX[column])
    code.append(_instruction(_RETURN, _ALLOW))
    return b"".join(code)


FILTERS = {machine: program(machine) for machine in ARCHITECTURES}  # made once, before any fork


def install() -> None:
    """Load the filter for good; needs no_new_privs. OSError where the kernel or the architecture has none."""
    machine = platform.machine()
    if machine not in FILTERS:
        raise OSError(errno.ENOSYS, f"no system-call filter for the architecture {machine}")
    code = ctypes.create_string_buffer(FILTERS[machine])
    filter_program = Program((len(code) - 1) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(22, 2, ctypes.byref(filter_program), 0, 0):  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
        raise OSError(ctypes.get_errno(), "the kernel refuses a system-call filter")
