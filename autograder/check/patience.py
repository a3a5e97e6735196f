"""An end for a function that does not end, where the system has timers: not on Windows, not in a browser."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN = 1.0  # seconds of processor time after which it is told once more: `except:` may have caught it


class TooLongError(BaseException):
    """A function has used up its time; no Exception, so that `except Exception` does not catch it."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TooLongError in what runs inside, after so many seconds of the processor's time.

    Time in which somebody looks at a debugger does not count. Ctrl-C works as before, and whoever has a timer
    of this kind keeps it: then nothing ends, nor does it in a thread.
    """
    if not _timer_is_free():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _ring)
    try:
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, max(seconds, 0.01), AGAIN)
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
    finally:  # once more, should it have rung on the way out
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        signal.signal(signal.SIGVTALRM, before)


def _ring(number: int, frame: FrameType | None) -> None:
    raise TooLongError


def _timer_is_free() -> bool:
    if sys.platform in ("win32", "emscripten") or threading.current_thread() is not threading.main_thread():
        return False
    return signal.getsignal(signal.SIGVTALRM) == signal.SIG_DFL
