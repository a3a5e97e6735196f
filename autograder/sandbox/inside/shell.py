"""Runs a student's cells as Jupyter would, without a kernel: IPython's syntax, our own compile and execute.

Runs in the student's process, so nothing here is believed on the other side; it is there so that honest
notebooks work: magics, `!command`, `await`, figures, progress bars, `input()`, `quit()`. Imports nothing of
the project.
"""

from __future__ import annotations

import ast
import asyncio
import builtins
import inspect
import io
import linecache
import pydoc
import re
import sys
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from hints import Hints
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

_AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_MAX_FRAMES = 6
_OTHER_LANGUAGES = ("bash", "sh", "script", "perl", "ruby", "javascript", "js", "html", "svg", "system", "sx")


class CappedOutput(io.RawIOBase):
    """Collects what is printed up to a limit and drops the rest, so that nothing can fill up or block."""

    def __init__(self) -> None:
        super().__init__()
        self.collected = bytearray()
        self.limit = 0

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: Any) -> int:
        """Keep what fits; say that all was written."""
        room = self.limit + 1 - len(self.collected)  # one more shows that something was cut
        if room > 0:
            self.collected += bytes(data[:room])
        return len(data)


class Streams:
    """The standard streams of a notebook, put back in place before each cell, whatever became of them."""

    def __init__(self) -> None:
        self._renew()

    def _renew(self) -> None:
        self.output = CappedOutput()
        self.text = io.TextIOWrapper(
            self.output,
            "utf-8",
            errors="replace",
            write_through=True,  # type: ignore[type-var]
        )

    def restart(self, limit: int) -> CappedOutput:
        """Collect afresh, up to a limit in bytes."""
        if self.text.closed or self.output.closed:
            self._renew()
        self.output.collected, self.output.limit = bytearray(), limit
        sys.stdout = sys.stderr = self.text
        sys.stdin = io.StringIO()  # no descriptor: a student may have used them up
        return self.output


class QuietShell(InteractiveShell):
    """IPython without history, programs, windows or an exit."""

    def system(self, cmd: str) -> None:
        """`!command` and everything built on it."""
        print(f"[not run while grading: {cmd}]")

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """`x = !command`."""
        self.system(cmd)
        return [] if split else ""

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no window."""

    def enable_matplotlib(self, gui: str | None = None) -> tuple[str, str]:
        """`%matplotlib` changes nothing: figures are drawn in memory."""
        return "inline", "agg"

    def ask_exit(self) -> None:
        """`quit()` ends the cell, not the notebook."""
        print("[quit() is ignored while grading]")

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        """A magic; one that is not there says so and the cell goes on."""
        return self._lenient(super().run_line_magic, magic_name, line, _stack_depth)

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """A cell magic; one that is not there says so."""
        return self._lenient(super().run_cell_magic, magic_name, line, cell)

    def _lenient(self, run: Callable[..., Any], name: str, *arguments: Any) -> Any:
        if name in _OTHER_LANGUAGES:
            return self.system(f"%%{name}")
        try:
            return run(name, *arguments)
        except (Exception, SystemExit) as error:
            if type(error).__name__ not in ("UsageError", "ModuleNotFoundError"):
                raise
            print(f"[%{name}: {error}]")
            return None


class Shell:
    """One notebook: its names, and its cells one after another."""

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        self.ipython = QuietShell.instance(config=config)
        self.names: dict[str, Any] = self.ipython.user_ns
        self.flags = 0
        self.missing: list[str] = []  # errors of a cell's imports, which did not stop it
        self.streams = Streams()
        self.hints = Hints()
        magics: Any = self.ipython.register_magic_function
        magics(self.time_once, "line_cell", "timeit")
        self.names.update(quit=self.ipython.ask_exit, exit=self.ipython.ask_exit)
        self.ipython.builtin_trap.__enter__()  # get_ipython(), display() as in Jupyter
        self.ipython.display_pub.publish = _print_plain
        _do_without_windows()

    def run(self, index: int, source: str) -> str:
        """Run a cell; the error that stopped it as text, empty if none did. Output goes to sys.stdout."""
        filename = f"<cell {index}>"
        self.missing = []
        try:
            source, tree = self._parse(source, filename)
            self._run_tree(tree, filename, show=not source.rstrip().endswith(";"))
            _close_figures()
            return "\n".join(self.missing)
        except BaseException as error:
            imports = (text.rpartition("\n")[2] for text in self.missing)
            return "\n".join([*imports, explain(error)])

    def _parse(self, source: str, filename: str) -> tuple[str, ast.Module]:
        """The cell as Python, and its tree; IPython, which is slow, sees only what is no Python as it is."""
        flags = ast.PyCF_ONLY_AST | _AWAIT | self.flags
        source = source if source.endswith("\n") else f"{source}\n"
        try:
            tree = compile(source, filename, "exec", flags, dont_inherit=True)
        except (SyntaxError, ValueError):
            source = self.ipython.transform_cell(source)
            tree = None
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        return source, tree or compile(source, filename, "exec", flags, dont_inherit=True)

    def time_once(self, line: str, cell: str | None = None) -> None:
        """`%timeit` runs its statement once: while grading nobody reads the time."""
        names = dict(self.names)
        statement = _OPTIONS.sub("", line)
        for source in (statement,) if cell is None else (statement, cell):
            exec(self.ipython.transform_cell(source), names)

    def _run_tree(self, tree: ast.Module, filename: str, show: bool) -> None:
        """Run statements in order; an import of a package that is not there costs that statement only."""
        for block in blocks(tree, show):
            try:
                self._run_block(block, filename)
            except ImportError as error:
                if not _is_import(block):
                    raise
                self.missing.append(explain(error))

    def _run_block(self, block: ast.Module | ast.Interactive, filename: str) -> None:
        last = block.body[-1]
        if isinstance(block, ast.Interactive) and isinstance(last, ast.Expr):
            value = self._execute(ast.Expression(last.value), filename, "eval")
            if value is not None:
                self.names["_"] = value
                print(repr(value))
        else:
            self._execute(ast.Module(block.body, []), filename, "exec")

    def _execute(self, tree: Any, filename: str, mode: str) -> Any:
        code = compile(tree, filename, mode, self.flags | _AWAIT, dont_inherit=True)
        self.flags |= code.co_flags & _FUTURES
        result = eval(code, self.names)
        return asyncio.run(result) if code.co_flags & inspect.CO_COROUTINE else result


_OPTIONS = re.compile(r"^(\s*-[nrtcpoqv]\s*\d*(?=\s|$))*")  # of %timeit
_FUTURES = 0x01000000  # CO_FUTURE_ANNOTATIONS, the only one that still matters


def blocks(tree: ast.Module, show: bool) -> Iterator[Any]:
    """The cell's statements: each import on its own, the last expression on its own as Interactive."""
    waiting: list[ast.stmt] = []
    for number, statement in enumerate(tree.body, start=1):
        shown = show and number == len(tree.body) and isinstance(statement, ast.Expr)
        if shown or isinstance(statement, ast.Import | ast.ImportFrom):
            if waiting:
                yield ast.Module(waiting, [])
            yield ast.Interactive([statement]) if shown else ast.Module([statement], [])
            waiting = []
        else:
            waiting.append(statement)
    if waiting:
        yield ast.Module(waiting, [])


def _is_import(block: ast.Module | ast.Interactive) -> bool:
    return isinstance(block.body[0], ast.Import | ast.ImportFrom)


def explain(error: BaseException) -> str:
    """An error as a student knows it: where in the cells, its type, its message."""
    lines = [f"  {name}, line {line}" for name, line in student_lines(error)]
    if len(lines) > _MAX_FRAMES:
        lines[_MAX_FRAMES // 2 : -_MAX_FRAMES // 2] = ["  …"]
    if isinstance(error, SyntaxError) and error.lineno:
        lines.append(f"  {error.filename}, line {error.lineno}: {(error.text or '').strip()}")
    try:
        last = "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()[-1]
    except BaseException:
        last = type(error).__name__
    return "\n".join([*lines, last])


def student_lines(error: BaseException) -> list[tuple[str, int]]:
    """The cells and line numbers that an error went through, outermost first."""
    frames = ((entry.f_code.co_filename, line) for entry, line in traceback.walk_tb(error.__traceback__))
    return [(name.strip("<>"), line) for name, line in frames if name.startswith("<cell ")]


def _print_plain(data: dict[str, Any], *_: Any, **__: Any) -> None:
    """`display(…)` as plain text."""
    print(data.get("text/plain", ""))


def _nothing(*_: object, **__: object) -> None:
    """In place of what needs a person or a window."""


def _do_without_windows() -> None:
    """`plt.show()`, other backends and debuggers are passed over."""
    import pdb

    import matplotlib as mpl
    import matplotlib.pyplot as plt

    plt.show = mpl.use = _nothing
    sys.breakpointhook = pdb.set_trace = _nothing


def _close_figures() -> None:
    """As the notebook does after each cell, so that figures do not pile up."""
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        try:
            pyplot.close("all")
        except Exception:
            warnings.warn("matplotlib could not close its figures", stacklevel=2)


def stand_in_for_the_grader() -> None:
    """`from autograder.check import check` works and does nothing."""
    package, module = types.ModuleType("autograder"), types.ModuleType("autograder.check")
    package.__path__ = []

    def check(*_: object, **__: object) -> None:
        """While grading, checks are made elsewhere."""

    package.check, module.check = module, check  # type: ignore[attr-defined]
    sys.modules.update({"autograder": package, "autograder.check": module})


def _without_prompt(prompt: object = "") -> str:
    """`input()`: nobody is there to answer."""
    raise EOFError("input() has no one to ask while grading")


vars(builtins).update(input=_without_prompt, help=pydoc.help)  # site, which adds help, is not here
