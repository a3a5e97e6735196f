"""The attacks of one line each: what a notebook tries while its cells and functions run.

Each trick is code that goes into a notebook whose `e_step` and `m_step` are wrong. It prints or returns FOUND
when it reached something that is none of its business. The test fills in @canary@, @port@ and the like.
"""

from __future__ import annotations

from dataclasses import dataclass

WRONG = """
import numpy as np

def e_step(X, weights, means, covariances):
    return np.full((len(X), len(weights)), 1 / len(weights)), 0.0

def m_step(X, responsibilities):
    k, d = responsibilities.shape[1], X.shape[1]
    return np.full(k, 1 / k), np.zeros((k, d)), np.stack([np.eye(d)] * k)
"""


@dataclass(frozen=True)
class Trick:
    """A line of the list of threats: its number, its text, the code, and what must come of it."""

    line: int
    text: str
    code: str
    incident: str = ""  # a hint that must be among the incidents
    ending: str = ""  # how the session must have ended: empty if it lives, "any"
    statuses: tuple[str, ...] = ("graded",)  # of the two questions
    wall: float | None = None  # seconds on the clock for a question, where nothing else ends it

    def __str__(self) -> str:
        return f"{self.line:02d} {self.text}"


OVER = ("timed-out", "out-of-memory", "died", "raised", "graded")

REACH = (
    Trick(
        1,
        "a hook before each cell that reads the next one's source",
        """
        seen = []
        get_ipython().events.register("pre_run_cell", lambda info: print("FOUND", info.raw_cell))
        get_ipython().input_transformers_post.append(lambda lines: seen.extend(lines) or lines)
    """,
    ),
    Trick(
        2,
        "reads the source, the solutions, the repository, everything above its folder",
        """
        import os
        for root in ("../../../source", "../../../solutions", "../../..", "@repository@", "@course@",
            "/root", "/work"):
            try:
                names = os.listdir(root)
            except OSError:
                continue
            print("FOUND" if {"source", "solutions", "gmmlib", "gradebook.db"} & set(names) else "", root)
        for path in ("@canary@", "../../../solutions/em/em.py", "@repository@/gmmlib/em.py"):
            try:
                print("FOUND", open(path).read())
            except OSError:
                pass
    """,
        incident="tried to read outside its folder",
    ),
    Trick(
        2,
        "walks the whole disk for the solution",
        """
        import os
        for folder, _, names in os.walk("/"):
            for name in names:
                path = os.path.join(folder, name)
                known = path.startswith(("/python", "/packages", "/lib"))
                if not known and path.endswith((".py", ".ipynb", ".db")):
                    if not path.startswith("/sandbox/"):
                        print("FOUND", path)
                    elif "def m_step" in open(path).read():
                        print("FOUND", path)
    """,
    ),
    Trick(
        3,
        "reads the gradebook and other students' folders",
        """
        import glob, sqlite3
        for pattern in ("/**/gradebook.db", "/**/submitted/*", "@course@/*", "../*/*.ipynb",
            "/home/*/*.ipynb"):
            for path in glob.glob(pattern, recursive=pattern.startswith("../")):
                print("FOUND", path)
        try:
            sqlite3.connect("file:@course@/gradebook.db?mode=ro", uri=True).execute("select * from grade")
            print("FOUND")
        except sqlite3.Error:
            pass
    """,
    ),
    Trick(
        4,
        "walks frames, the collector, modules, linecache and the inputs for the reference",
        """
        import gc, inspect, linecache, sys
        def look():
            frame, names = sys._getframe(), set()
            while frame:
                names |= set(frame.f_locals) | set(frame.f_globals)
                frame = frame.f_back
            for o in gc.get_objects():
                names |= {name for name in o if isinstance(name, str)} if isinstance(o, dict) else set()
            names |= set(sys.modules) | set(linecache.cache) | {f.function for f in inspect.stack()}
            wanted = {"gmmlib", "autograder.questions", "autograder.judge", "reference", "misconceptions",
                "nbgrader"}
            return names & wanted
        def e_step(X, weights, means, covariances):
            if look():
                return "FOUND"
            return np.full((len(X), len(weights)), 1 / len(weights)), 0.0
        print("FOUND" if look() else "")
    """,
        incident="asked for the garbage collector's objects",
    ),
    Trick(
        5,
        "imports the reference library or scikit-learn in five ways",
        """
        import base64, importlib
        for name in ("gmmlib", "gmmlib.em", "sklearn", "sklearn.mixture", "autograder.questions",
            "autograder.judge"):
            for way in (importlib.import_module, __import__, lambda n: exec(base64.b64decode(
                    base64.b64encode(("import " + n).encode())))):
                try:
                    way(name)
                    print("FOUND", name)
                except ImportError as error:
                    assert "while grading" in str(error)
        import sys
        sys.meta_path[:] = [f for f in sys.meta_path if type(f).__module__ != "hints"]
        for name in ("gmmlib", "sklearn", "nbgrader", "autograder.judge"):
            try:
                importlib.import_module(name)
                print("FOUND", name)
            except ImportError:
                pass
    """,
        incident="tried to import gmmlib",
    ),
    Trick(
        6,
        "reads the environment, the command line, /proc, the mounts and the host's name",
        """
        import os, socket, sys
        text = repr([os.environ, sys.argv, sys.orig_argv, socket.gethostname(), os.uname()])
        for path in ("/proc/self/environ", "/proc/1/cmdline", "/proc/self/mountinfo", "/proc/mounts",
            "/etc/hostname",
                     "/etc/passwd", "/sys/class/net", "/proc/net/tcp"):
            try:
                text += open(path).read()
            except OSError:
                pass
        words = "@secret@", "@host@", "@repository@", "@course@"
        print("FOUND" if any(word in text for word in words) else "")
        print("FOUND" if os.listdir("/proc") else "")
    """,
        incident="tried to read the machine's state under /proc or /sys",
    ),
    Trick(
        7,
        "opens network sockets, DNS, loopback, abstract sockets, and listens",
        """
        import socket
        def attempt(family, address, listen=False):
            try:
                with socket.socket(family, socket.SOCK_STREAM) as s:
                    s.settimeout(1)
                    (s.bind if listen else s.connect)(address)
                    print("FOUND", address)
            except OSError:
                pass
        attempt(socket.AF_INET, ("127.0.0.1", @port@))
        attempt(socket.AF_INET6, ("::1", @port@))
        attempt(socket.AF_INET, ("1.1.1.1", 53))
        attempt(socket.AF_INET, ("127.0.0.1", 0), listen=True)
        attempt(socket.AF_UNIX, "\\0@abstract@")
        attempt(socket.AF_UNIX, "@unix@")
        for family in (socket.AF_NETLINK, socket.AF_PACKET, socket.AF_VSOCK):
            try:
                socket.socket(family, socket.SOCK_RAW)
                print("FOUND", family)
            except OSError:
                pass
        try:
            socket.getaddrinfo("example.org", 80)
            print("FOUND")
        except OSError:
            pass
    """,
        incident="tried to open a network socket",
    ),
    Trick(
        8,
        "carries the secret inputs out in what it prints and raises",
        """
        import sys, warnings
        def e_step(X, weights, means, covariances):
            print("FOUND", X)
            sys.stderr.write("FOUND")
            warnings.warn("FOUND")
            sys.__stdout__ and sys.__stdout__.write("FOUND")
            raise type("FOUND" + str(float(X[0, 0])), (ValueError,), {})("FOUND %r" % X)
    """,
        statuses=("raised", "graded"),
    ),
)

VALUES = (
    Trick(
        11,
        "an object that equals everything",
        """
        class Same:
            def __eq__(self, other): return True
            def __array_ufunc__(self, *a, **k): return True
            def __float__(self): return 0.0
        def e_step(*a): return Same(), Same()
        def m_step(*a): return Same()
    """,
    ),
    Trick(
        12,
        "a float with patched arithmetic",
        """
        class Close(float):
            def __sub__(self, other): return 0.0
            __rsub__ = __abs__ = lambda self, *a: 0.0
            __eq__ = lambda self, other: True
        def e_step(X, weights, means, covariances):
            return [[Close(0.5)] * len(weights)] * len(X), Close(1.0)
    """,
    ),
    Trick(
        13,
        "an array subclass that answers every NumPy function itself",
        """
        class Liar(np.ndarray):
            def __array_ufunc__(self, *a, **k): return np.array(True)
            def __array_function__(self, *a, **k): return True
        def e_step(X, weights, means, covariances):
            return np.zeros((len(X), len(weights))).view(Liar), np.zeros(()).view(Liar)
    """,
    ),
    Trick(
        14,
        "NaN and infinity",
        """
        def e_step(X, weights, means, covariances):
            return np.full((len(X), len(weights)), np.nan), np.inf
    """,
    ),
    Trick(
        15,
        "the input itself, after changing it in place",
        """
        def m_step(X, responsibilities):
            X *= 0
            responsibilities[:] = 0
            return responsibilities.sum(axis=0), X[:2], np.stack([X[:2], X[:2]])
    """,
    ),
    Trick(
        16,
        "a generator",
        """
        def e_step(X, weights, means, covariances): return (r for r in X)
        def m_step(X, responsibilities): return map(float, [1])
    """,
    ),
    Trick(
        17,
        "spoofs of class and array interface that point at memory",
        """
        class Spoof:
            __class__ = np.ndarray
            dtype, shape, ndim, size, nbytes = np.dtype(float), (3, 2), 2, 6, 48
            place = id(object), True
            __array_interface__ = {"shape": (10**6,), "typestr": "<f8", "version": 3, "data": place}
        class Method:
            def __array__(self, *a, **k): return Spoof()
        def e_step(*a): return Spoof(), Method()
        def m_step(*a): return Method()
    """,
        statuses=OVER,
        ending="any",
    ),
    Trick(
        18,
        "object, structured, complex and text arrays, and a broadcast one of a thousand million",
        """
        values = iter([np.array([object()]), np.zeros(3, "i4,f8"), np.zeros(3, complex), np.array(["1"]),
                       np.broadcast_to(1.0, (10**9,)), [[1.0], [2.0, 3.0]], None, {1: 2}, b"1"])
        def e_step(*a): return next(values)
        def m_step(*a): return next(values)
    """,
    ),
    Trick(
        20,
        "a class whose unpickling runs code",
        """
        class Pickled:
            def __reduce__(self): return (exec, ("open('@canary@', 'w')",))
        def e_step(*a): return Pickled(), Pickled()
        def m_step(*a): return np.array([Pickled()], dtype=object)
    """,
    ),
)

MACHINERY = (
    Trick(
        21,
        "an input transformer that rewrites later cells",
        """
        get_ipython().input_transformers_post.append(lambda lines: ["print('FOUND'[:0])\\n"] + lines)
    """,
    ),
    Trick(
        22,
        "a tree transformer that removes asserts",
        """
        import ast
        class No(ast.NodeTransformer):
            def visit_Assert(self, node): return None
        get_ipython().ast_transformers.append(No())
    """,
    ),
    Trick(
        23,
        "patches the kernel's messages",
        """
        ip = get_ipython()
        ip.kernel = type("K", (), {"session": type("S", (), {"send": lambda *a: None})})
        ip.display_pub.publish = ip.displayhook = lambda *a, **k: None
    """,
    ),
    Trick(
        24,
        "shows a number from within the function",
        """
        import sys
        def e_step(*a):
            sys.displayhook(5)
            get_ipython().displayhook(5)
            raise SystemExit(5)
    """,
        incident="called sys.displayhook, which prints a value as if it were a cell's result",
        statuses=("raised", "graded"),
    ),
    Trick(
        25,
        "publishes a result message of its own",
        """
        import json
        from IPython.display import publish_display_data
        message = {"output_type": "execute_result", "data": {"text/plain": "5"}, "execution_count": 1}
        publish_display_data({"text/plain": "5"})
        get_ipython().display_pub.publish({"text/plain": "5"})
        def e_step(*a):
            publish_display_data({"text/plain": "FOUND"})
            return json.dumps(message)
    """,
    ),
    Trick(
        26,
        "patches the reference library",
        """
        import sys, types
        fake = types.ModuleType("gmmlib")
        fake.em = fake
        fake.e_step = lambda *a: None
        sys.modules["gmmlib"] = sys.modules["gmmlib.em"] = fake
    """,
    ),
    Trick(
        27,
        "ships modules of its own beside the notebook",
        """
        for name in ("gmmlib", "numpy", "autograder", "random", "struct", "protocol"):
            open(name + ".py", "w").write("print('FOUND'[:0])")
        import sys
        sys.path.insert(0, "")
        import random
    """,
    ),
    Trick(
        28,
        "replaces modules that the answers pass through",
        """
        import sys, types
        for name in ("struct", "json", "protocol", "answers", "socket"):
            sys.modules[name] = types.ModuleType(name)
    """,
    ),
    Trick(
        29,
        "patches comparison functions and builtins",
        """
        import builtins, math
        np.testing.assert_allclose = np.allclose = math.isclose = lambda *a, **k: True
        np.array = np.asarray = lambda *a, **k: None
        builtins.all = builtins.any = builtins.isinstance = lambda *a: True
        builtins.abs = lambda x: 0
    """,
        statuses=OVER,
        ending="any",
    ),
    Trick(
        30,
        "swaps the code of the worker and writes to memory",
        """
        import ctypes, student, protocol
        protocol.pack.__code__ = (lambda header, buffers=(): b"FOUND" * 20).__code__
        student.Student.answer.__code__ = (lambda *a: ({"status": "returned"}, [])).__code__
    """,
        statuses=("died",),
        ending="died",
        incident="sent something that is no answer",
    ),
    Trick(
        30,
        "writes to address zero",
        """
        import ctypes
        ctypes.memset(0, 1, 8)
    """,
        statuses=("died",),
        ending="died",
    ),
    Trick(
        31,
        "silences tracebacks",
        """
        import sys, traceback
        sys.excepthook = lambda *a: None
        traceback.walk_tb = traceback.format_exception_only = lambda *a: ()
        get_ipython().showtraceback = lambda *a, **k: None
        def e_step(*a): raise ValueError
    """,
        statuses=("raised", "graded"),
    ),
    Trick(
        32,
        "threads, exit handlers, signal handlers and traces that act later",
        """
        import atexit, signal, sys, threading, time
        def later():
            while True:
                time.sleep(0.01)
                globals()["e_step"] = lambda *a: 0
        threading.Thread(target=later, daemon=True).start()
        atexit.register(later)
        signal.signal(signal.SIGALRM, lambda *a: None)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        sys.settrace(lambda *a: None)
    """,
        statuses=OVER,
    ),
    Trick(
        33,
        "start-up files for the next submission",
        """
        import os, sys
        for folder in ("/tmp", "/home/student", "/dev/shm", "/", "/packages", "/python/lib/python3.11",
            "/sandbox", "/data",
                       "/home", "/dev", "/proc"):
            for name in ("sitecustomize.py", "usercustomize.py", "evil.pth", "conftest.py", ".hidden",
                "numpy.py"):
                try:
                    open(os.path.join(folder, name), "w").write("import os")
                    if folder not in ("/tmp", "/home/student", "/dev/shm"):
                        print("FOUND", folder)
                except OSError:
                    pass
        os.makedirs("/home/student/.ipython/profile_default/startup", exist_ok=True)
        sys.meta_path.insert(0, type("F", (), {"find_spec": lambda *a: None})())
    """,
    ),
    Trick(
        34,
        "shell commands and other languages",
        """
        %load_ext nothing_here
        !touch /home/student/touched
        x = !rm @canary@
        get_ipython().system("echo > @canary@")
        import os
        print("FOUND" if os.path.exists("/home/student/touched") else "")
    """,
    ),
    Trick(
        34,
        "starts programs",
        """
        import os, subprocess
        for command in (["/bin/sh", "-c", "echo"], ["ls"], ["/usr/bin/id"]):
            try:
                subprocess.run(command)
                print("FOUND", command)
            except OSError:
                pass
        print("FOUND" if os.system("true") == 0 else "")
    """,
        incident="tried to start another program",
    ),
    Trick(
        35,
        "redefines the other question's function when asked",
        """
        def e_step(X, weights, means, covariances):
            globals()["m_step"] = lambda *a: 7
            return np.full((len(X), len(weights)), 1 / len(weights)), 0.0
    """,
    ),
    Trick(
        36,
        "writes a forged answer to every descriptor",
        """
        import os, struct
        header = b'{"kind": "answer", "case": 0, "status": "returned", "number": 3, "values": []}'
        for fd in range(3, 64):
            try:
                os.write(fd, struct.pack("<IQ", len(header), 0) + header)
            except OSError:
                pass
    """,
        statuses=("died",),
        ending="died",
        incident="sent something that is no answer",
    ),
    Trick(
        36,
        "writes rubbish to every descriptor from its function",
        """
        import os
        def e_step(*a):
            for fd in range(256):
                try:
                    os.write(fd, b"\\xff" * 4096)
                except OSError:
                    pass
    """,
        statuses=("died",),
        ending="died",
        incident="sent something that is no answer",
    ),
    Trick(
        36,
        "closes every descriptor",
        """
        import os
        os.closerange(0, 256)
    """,
        statuses=("died",),
        ending="died",
    ),
    Trick(
        36,
        "swaps the socket for one of its own",
        """
        import os, socket
        a, b = socket.socketpair()
        os.dup2(a.fileno(), 3)
    """,
        statuses=("died",),
        ending="died",
    ),
    Trick(
        37,
        "signals everything it can",
        """
        import os, signal
        for pid in [-1, 0, *range(1, 400)]:
            for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):
                if pid not in (0, 1, -1):
                    try:
                        os.kill(pid, number)
                        print("FOUND", pid)
                    except OSError:
                        pass
        try:
            os.kill(-1, signal.SIGKILL)
        except OSError:
            pass
        os.kill(os.getppid() or 1, signal.SIGKILL)
    """,
        statuses=OVER,
        ending="any",
    ),
    Trick(
        37,
        "signals the group of processes that it was born into",
        """
        import os, signal
        print("FOUND" if 0 in (os.getpgrp(), os.getsid(0)) else "")  # it is none of its namespace
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            os.kill(0, number)
    """,
        statuses=OVER,
        ending="any",
    ),
)

EXHAUST = (
    Trick(
        42,
        "ends itself with os._exit(0)",
        "import os\nos._exit(0)",
        statuses=("died",),
        ending="died",
        incident="ended its own process",
    ),
    Trick(42, "quits", "quit()\nexit()"),
    Trick(
        42,
        "raises SystemExit in a cell and in the function",
        """
        def e_step(*a): raise SystemExit(0)
        raise SystemExit
    """,
        statuses=("raised", "graded"),
    ),
    Trick(
        42,
        "kills itself",
        "import os\nos.kill(os.getpid(), 9)\nos.abort()",
        statuses=("died",),
        ending="died",
    ),
    Trick(
        42,
        "ends itself in the function",
        """
        import os
        def e_step(*a): os._exit(0)
    """,
        statuses=("died",),
        ending="died",
    ),
    Trick(48, "an endless loop in a cell", "while True: pass", statuses=("timed-out",), ending="timed-out"),
    Trick(
        48,
        "an endless loop in the function",
        """
        def e_step(*a):
            while True: pass
    """,
        statuses=("timed-out",),
        ending="timed-out",
    ),
    Trick(
        49,
        "an endless loop that swallows every signal",
        """
        import signal
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        def e_step(*a):
            while True:
                try:
                    while True: pass
                except BaseException:
                    pass
    """,
        statuses=("timed-out",),
        ending="timed-out",
    ),
    Trick(50, "allocates ten gigabytes", "x = bytearray(10 * 2**30)"),
    Trick(
        50,
        "allocates ten gigabytes in the function, piece by piece",
        """
        def e_step(*a):
            hoard = []
            while True: hoard.append(np.ones(2**20))
    """,
        statuses=("out-of-memory", "timed-out"),  # where memory is handed out slowly
        ending="any",
    ),
    Trick(
        51,
        "a fork bomb",
        """
        import os
        while True:
            try:
                os.fork()
            except OSError:
                pass
    """,
        statuses=("timed-out", "out-of-memory", "died"),
        ending="any",
    ),
    Trick(
        52,
        "a thread bomb",
        """
        import threading, time
        while True:
            threading.Thread(target=time.sleep, args=(1000,)).start()
    """,
        statuses=OVER,
        ending="any",
    ),
    Trick(
        53, "endless output", "while True: print('x' * 10**6)", statuses=("timed-out",), ending="timed-out"
    ),
    Trick(53, "one line of a hundred million characters", "print('x' * 10**8)"),
    Trick(
        54,
        "fills every writable folder, and the inodes",
        """
        import os
        for folder in ("/tmp", "/dev/shm", "/home/student"):
            for name in range(4):
                try:
                    with open(f"{folder}/big{name}", "wb") as file:
                        for _ in range(100): file.write(bytes(2**20))
                except OSError:
                    pass
            try:
                for number in range(10**5): open(f"{folder}/{number}", "w").close()
                print("FOUND")
            except OSError:
                pass
    """,
        statuses=OVER,
        ending="any",
    ),
    Trick(
        55,
        "a daemon that outlives the notebook",
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                while True: time.sleep(1)
            os._exit(0)
    """,
    ),
    Trick(
        56,
        "deep recursion in Python and in C",
        """
        import pickle, re, json, sys
        def e_step(*a):
            sys.setrecursionlimit(10**7)
            x = []
            for _ in range(10**6): x = [x]
            return pickle.dumps(x)
        try:
            json.loads("[" * 10**6)
        except RecursionError:
            pass
    """,
        statuses=OVER,
        ending="any",
    ),
    Trick(
        57,
        "a regular expression that backtracks for ever",
        """
        import re
        def e_step(*a): re.match(r"(a+)+$", "a" * 60 + "b")
    """,
        statuses=("timed-out",),
        ending="timed-out",
    ),
    Trick(
        58,
        "sleeps in every call",
        """
        import time
        def e_step(X, weights, means, covariances):
            time.sleep(0.6)
            return 0.0, 0.0
    """,
        statuses=("timed-out",),
        ending="timed-out",
        wall=1.0,
    ),
    Trick(
        59,
        "leaves messages in keyrings and shared memory",
        """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        for name, arguments in (("shmget", (1, 4096, 0o1666)), ("semget", (1, 1, 0o1666)),
                                ("msgget", (1, 0o1666)), ("memfd_create", (b"x", 0))):
            print("FOUND" if getattr(libc, name)(*arguments) >= 0 else "", name)
        print("FOUND" if libc.syscall(248, b"user", b"x", b"y", 1, -3) >= 0 else "", "add_key")
        import _posixshmem, os
        _posixshmem.shm_open("/left", os.O_CREAT | os.O_RDWR, 0o600)
        print("FOUND" if os.path.exists("/dev/shm/before") else "")
    """,
        incident="tried to load a C library",
    ),
    Trick(
        59,
        "sets the times of the devices, which every submission sees",
        """
        import os
        for name in os.listdir("/dev"):
            if name != "shm":
                before = os.stat("/dev/" + name).st_mtime_ns
                try:
                    os.utime("/dev/" + name)
                except OSError:
                    pass
                print("FOUND" if os.stat("/dev/" + name).st_mtime_ns != before else "", name)
    """,
    ),
    Trick(
        60,
        "namespaces, mounts, bpf, perf, userfaultfd, io_uring, keyctl",
        """
        import ctypes, platform
        libc = ctypes.CDLL(None, use_errno=True)
        calls = {
            "x86_64": (272, 308, 165, 166, 155, 161, 321, 298, 323, 425, 250, 101, 310, 246, 175, 169, 435),
            "aarch64": (97, 268, 40, 39, 41, 51, 280, 241, 282, 425, 219, 117, 270, 104, 105, 142, 435),
        }
        for number in calls[platform.machine()]:
            answer = libc.syscall(number, 0x10000000, 0, 0, 0, 0)
            print("FOUND" if answer != -1 or ctypes.get_errno() not in (1, 38) else "", number)
        for flag in (0x10000000, 0x20000000, 0x00020000, 0x40000000):
            answer = libc.syscall({"x86_64": 56, "aarch64": 220}[platform.machine()], flag | 17, 0, 0, 0, 0)
            print("FOUND" if answer != -1 else "", hex(flag))
    """,
    ),
    Trick(
        60,
        "becomes root, changes the root folder, makes devices",
        """
        import os
        for name, arguments in (("setuid", (0,)), ("setgid", (0,)), ("chroot", ("/tmp",)),
                                ("mknod", ("/tmp/d", 0o60600, 2048)), ("sethostname", ("FOUND",)),
                                ("setgroups", ([0],)), ("chown", ("/tmp", 0, 0))):
            try:
                import socket
                getattr(os, name, getattr(socket, name, None))(*arguments)
                print("FOUND", name)
            except OSError:
                pass
        print("FOUND" if os.getuid() == 0 or os.geteuid() == 0 else "")
    """,
    ),
    Trick(
        61,
        "traces or writes to the interpreter",
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        print("FOUND" if os.getppid() != 0 else "")
        for pid in range(1, 50):
            print("FOUND" if libc.ptrace(16, pid, 0, 0) == 0 else "", end="")
            if pid > 1 and os.path.exists(f"/proc/{pid}"):
                print("FOUND", pid)
    """,
    ),
    Trick(
        62,
        "looks for inherited descriptors",
        """
        import os, stat
        for fd in range(4, 1024):
            try:
                os.fstat(fd)
                print("FOUND", fd)
            except OSError:
                pass
        print("FOUND" if not all(stat.S_ISCHR(os.fstat(fd).st_mode) for fd in range(3)) else "")
        print("FOUND" if not stat.S_ISSOCK(os.fstat(3).st_mode) else "")
    """,
    ),
    Trick(
        63,
        "keeps every core busy",
        """
        import os
        for _ in range(8):
            if os.fork() == 0:
                while True: pass
        while True: pass
    """,
        statuses=("timed-out",),
        ending="timed-out",
    ),
    Trick(
        64,
        "memory in many small processes",
        """
        import os, time
        for _ in range(24):
            if os.fork() == 0:
                hoard = np.ones(2**22 + 2**21)
                time.sleep(1000)
                os._exit(0)
        time.sleep(1000)
    """,
        statuses=("out-of-memory",),
        ending="out-of-memory",
    ),
    Trick(
        77,
        "memory that no process is charged for: shared without a file, forgotten, handed on",
        """
        import mmap, os
        for flags in (mmap.MAP_SHARED | mmap.MAP_ANONYMOUS, 0x03 | mmap.MAP_ANONYMOUS):
            try:
                mmap.mmap(-1, 64 << 20, flags=flags)
                print("FOUND shared memory")
            except OSError:
                pass
        try:
            os.open("/dev/zero", os.O_RDWR)
            print("FOUND /dev/zero")
        except OSError:
            pass
    """,
    ),
    Trick(
        77,
        "more memory than is allowed, handed on by a fork before it is counted",
        """
        import os, time
        pages = bytearray(b"x" * (400 << 20))
        def hand_on():
            while True:
                if os.fork():
                    os._exit(0)
                time.sleep(0.2)
        if os.fork() == 0:
            hand_on()
        time.sleep(100)
    """,
        statuses=("out-of-memory",),
        ending="out-of-memory",
    ),
    Trick(
        78,
        "the kernel's memory: buffers of sockets",
        """
        import os, socket
        a, b = socket.socketpair()
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF, 32, 33):
            try:
                a.setsockopt(socket.SOL_SOCKET, option, 1 << 22)
                print("FOUND", option)
            except OSError:
                pass
    """,
    ),
    Trick(
        79,
        "locks and watches a file that every submission sees",
        """
        import ctypes, fcntl, os, struct
        file = os.open(np.__file__, os.O_RDONLY)
        libc = ctypes.CDLL(None, use_errno=True)
        for sign in (lambda: fcntl.flock(file, fcntl.LOCK_SH), lambda: fcntl.fcntl(file, 1026, 1),
                     lambda: fcntl.fcntl(file, fcntl.F_GETLK, struct.pack("hhqqi", 1, 0, 0, 0, 0)),
                     lambda: fcntl.fcntl(file, 1024, fcntl.F_RDLCK)):
            try:
                sign()
                print("FOUND a sign")
            except OSError:
                pass
        print("FOUND inotify" if libc.inotify_init1(0) != -1 else "")
    """,
    ),
    Trick(
        79,
        "waits at a page of a file that every submission maps, so that another one can wake it",
        """
        import ctypes, mmap, os, platform
        file = os.open(np.__file__, os.O_RDONLY)
        page = np.frombuffer(mmap.mmap(file, 4096, mmap.MAP_SHARED, mmap.PROT_READ), np.uint32)
        libc, futex = ctypes.CDLL(None, use_errno=True), 202 if platform.machine() == "x86_64" else 98
        moment, address = (ctypes.c_long * 2)(0, 1000), ctypes.c_void_p(page.ctypes.data)
        for wait in (0, 9, 256):
            libc.syscall(futex, address, wait, int(page[0]), moment, None, -1)
            print("FOUND a place to meet" if ctypes.get_errno() == 110 else "")
        try:
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            print("FOUND a way to put it out of memory")
        except OSError:
            pass
    """,
    ),
    Trick(
        79,
        "asks which pages and names of files that every submission sees an earlier one has looked at",
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        file = os.open(np.__file__, os.O_RDONLY)
        try:
            os.preadv(file, [bytearray(1)], 0, os.RWF_NOWAIT)
            print("FOUND a page")
        except BlockingIOError:
            print("FOUND no page")
        except OSError:
            pass
        how = (ctypes.c_uint64 * 3)(os.O_RDONLY, 0, 0x20)
        if libc.syscall(437, -100, np.__file__.encode(), how, 24) != -1 or ctypes.get_errno() == 11:
            print("FOUND a name")
        data = bytearray(1)
        print("" if os.preadv(file, [data], 0) == 1 else "FOUND no way to read")
    """,
    ),
    Trick(
        78,
        "the kernel's memory: a million locks on parts of its own file, larger pipes",
        """
        import fcntl, os, struct
        file = os.open("/tmp/own", os.O_RDWR | os.O_CREAT)
        for command in (fcntl.F_SETLK, fcntl.F_SETLKW, 37, 38):
            try:
                fcntl.fcntl(file, command, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 10, 1, 0))
                print("FOUND a lock", command)
            except OSError:
                pass
        _, end = os.pipe()
        try:
            fcntl.fcntl(end, 1031, 1 << 20)
            print("FOUND a larger pipe")
        except OSError:
            pass
    """,
    ),
    Trick(
        89,
        "takes what the machine has once for all: rings of input and output, signals that wait, timers",
        """
        import ctypes, os, signal
        libc = ctypes.CDLL(None, use_errno=True)
        ring = ctypes.c_ulong(0)
        number = {"x86_64": 206, "aarch64": 0}[os.uname().machine]
        print("FOUND a ring" if libc.syscall(number, 1000, ctypes.byref(ring)) == 0 else "")
        signal.pthread_sigmask(signal.SIG_BLOCK, [40])
        waiting = 0
        while waiting < 1000 and libc.sigqueue(os.getpid(), 40, ctypes.c_void_p(0)) == 0:
            waiting += 1
        print("FOUND signals" if waiting == 1000 else "")
    """,
    ),
    Trick(
        77,
        "memory that no process is charged for: a table of futexes, rules of its own sandbox, huge pages",
        """
        import ctypes, mmap
        libc = ctypes.CDLL(None, use_errno=True)
        slots = 1 << 16
        print("FOUND a table" if libc.prctl(78, 1, slots, 0, 0) == 0 or libc.prctl(78, 2, 0, 0, 0) == slots
            else "")
        ports = (ctypes.c_uint64 * 2)(0, 3)
        print("FOUND rules" if libc.syscall(444, ports, ctypes.sizeof(ports), 0) >= 0 else "")
        for flags in (mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.MAP_SHARED):
            try:
                mmap.mmap(-1, 2 << 20, flags=flags | 0x40000)
                print("FOUND huge pages")
            except OSError as error:
                print("" if error.errno == 1 else f"FOUND {error}: the machine alone had none")
    """,
    ),
    Trick(
        89,
        "takes the machine's room for programs that the kernel runs, so that no other filter can be loaded",
        """
        import ctypes, os, platform, socket, struct
        libc = ctypes.CDLL(None, use_errno=True)
        code = ctypes.create_string_buffer(struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000))
        class Program(ctypes.Structure):
            _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))
        program = Program(1, ctypes.addressof(code))
        print("FOUND a filter" if libc.prctl(22, 2, ctypes.byref(program), 0, 0) == 0 else "")
        number = {"x86_64": 317, "aarch64": 277}[platform.machine()]
        print("FOUND a filter" if libc.syscall(number, 1, 0, ctypes.byref(program)) != -1 else "")
        a, _ = socket.socketpair()
        for option in (26, 51):
            try:
                a.setsockopt(socket.SOL_SOCKET, option, bytes(program))
                print("FOUND a filter of a socket")
            except PermissionError:
                pass
    """,
    ),
    Trick(
        89,
        "keeps descriptors on their way, of which the account of all submissions may have a few",
        """
        import socket
        from array import array
        a, _ = socket.socketpair()
        try:
            a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", [0] * 253))])
            print("FOUND a way")
        except PermissionError:
            pass
    """,
    ),
)

ALL = (*REACH, *VALUES, *MACHINERY, *EXHAUST)
