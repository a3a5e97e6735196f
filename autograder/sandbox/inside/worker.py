"""The untrusted half: an interpreter that imports once, and the student's processes that it forks.

Started inside bubblewrap as a script, so it imports nothing of the project but the modules beside it. The
interpreter itself runs no student's code and never reads from a student's process; it only waits for its end.
Its one argument says how: the mode, the limits, and the descriptor of the socket to the trusted side.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import tempfile
from typing import Any

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__))]  # noqa: PTH100, PTH120
settings = json.loads(sys.argv[1])
sys.path += settings["paths"]

import walls  # noqa: E402

DATA_FD = 3  # of a student's process: its socket
# Objects after which garbage is looked for; while modules are imported there is little of it.
USUALLY, RARELY = gc.get_threshold(), 10_000


def main() -> None:
    """Serve one student ("single") or fork one process for each ("nested", "open")."""
    mode = settings["mode"]
    control = socket.socket(fileno=settings["socket"])
    namespace = None
    if mode != "open":
        walls.drop_root(settings["uid"])
    if mode == "nested":
        namespace = walls.enter_nursery()
    gc.set_threshold(RARELY)
    import protocol
    import student  # NumPy, matplotlib, IPython

    try:
        notebook = student.prepare()
    finally:
        sys.stderr = sys.__stderr__  # so that an error here is told
    settle_memory()
    os.dup2(os.open(os.devnull, os.O_RDWR), 2)
    if mode == "single":
        become_student(notebook, control, mode)
    control.send(protocol.READY)
    serve(notebook, control, namespace)


def settle_memory() -> None:
    """Leave what is there alone from now on, so that forked processes share it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*USUALLY)


def serve(notebook: Any, control: socket.socket, namespace: int | None) -> None:
    """Fork one student's process after the other, when asked, until the trusted side is gone."""
    from protocol import NEW, NEW_WITH_SCIPY

    with_scipy: socket.socket | None = None
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 64, 2)
        if message == NEW and len(descriptors) == 2:
            data, life = (socket.socket(fileno=descriptor) for descriptor in descriptors)
            serve_one(notebook, data, life, namespace)
        elif message == NEW_WITH_SCIPY and len(descriptors) == 2:
            with_scipy = with_scipy or fork_with_scipy(notebook, namespace)
            socket.send_fds(with_scipy, [NEW], descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
        else:
            return


def fork_with_scipy(notebook: Any, namespace: int | None) -> socket.socket:
    """A second interpreter, made when the first notebook needs it, that has SciPy too; how to ask it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        import student

        try:
            ours.close()
            gc.set_threshold(RARELY)
            student.add_scipy()
            settle_memory()
            serve(notebook, theirs, namespace)
        finally:
            os._exit(0)
    theirs.close()
    return ours


def serve_one(notebook: Any, data: socket.socket, life: socket.socket, namespace: int | None) -> None:
    """Fork one student's process, and see it end."""
    child = os.fork() if namespace is None else walls.fork_into_new_pid_namespace(namespace)
    if child == 0:
        become_student(notebook, data, settings["mode"])
    data.close()
    with life:
        watch(child, life)


def watch(child: int, life: socket.socket) -> None:
    """Wait until the process ends or is to be ended; tell how it ended, and its CPU seconds."""
    pidfd = os.pidfd_open(child) if hasattr(os, "pidfd_open") else None
    poll = select.poll()
    poll.register(life, select.POLLIN)
    if pidfd is not None:
        poll.register(pidfd, select.POLLIN)
    poll.poll()
    kill(child)
    _, status, usage = os.wait4(child, 0)  # a pid namespace has ended when its first process has
    if pidfd is not None:
        os.close(pidfd)
    with contextlib.suppress(OSError):
        life.send(json.dumps([status, usage.ru_utime + usage.ru_stime]).encode())


def kill(child: int) -> None:
    """End the process and, without a namespace, its group."""
    for end in (lambda: os.kill(child, signal.SIGKILL), lambda: os.killpg(child, signal.SIGKILL)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end()


def become_student(notebook: Any, data: socket.socket, mode: str) -> None:
    """In the fresh process: build the walls, then serve cells and questions until the socket ends."""
    import protocol
    import student

    status = 1
    try:
        data = keep_only(data)
        build_walls(mode)
        student.serve(notebook, data, settings["limits"])
        status = 0
    except MemoryError:
        status = protocol.OUT_OF_MEMORY
    except OSError as error:
        with contextlib.suppress(Exception):
            student.complain(data, error)
    finally:
        os._exit(status)


def keep_only(data: socket.socket) -> socket.socket:
    """Close every descriptor but 0, 1 and 2, which lead nowhere, and the socket, which becomes number 3."""
    if data.fileno() != DATA_FD:
        os.dup2(data.fileno(), DATA_FD)
        data = socket.socket(fileno=DATA_FD)
    data.set_inheritable(False)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(null, descriptor)
    os.closerange(DATA_FD + 1, 1 << 16)
    return data


def build_walls(mode: str) -> None:
    """All walls that the mode has."""
    limits, data_files = settings["limits"], settings["data_files"]
    if mode == "nested":
        walls.close_in(limits, data_files)
    elif mode == "single":
        walls.settle(limits, data_files)
    else:
        os.setsid()
        walls.set_limits({**limits, "processes": 1 << 20})  # the account's own processes count, too
        walls.link_data(data_files, tempfile.mkdtemp(dir=settings["home"]), settings["home"])


if __name__ == "__main__":
    main()
