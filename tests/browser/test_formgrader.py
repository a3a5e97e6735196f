"""nbgrader's formgrader page in a real browser, on a course that autograder graded.

It shows the recorded scores, runs nothing of a submission that is full of scripts, and takes grades by hand,
which a regrade leaves alone. Links, pictures and scripts of the hostile submission point to a server of the
test's own, which must never hear from the browser.
"""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, Route, expect

from tests.support.courses import ONE_CENTRE, code, command, filled, grade_id, graded, hand_in, new_course
from tests.support.watch import PATIENCE

Scores = dict[str, float]
TOKEN = "a-token-of-this-test"
NOT_NEEDED = ("jupyterlab", "jupyter_lsp", "jupyterlab_jupytext", "jupyter_server_terminals", "notebook")
FORBIDDEN = "script, img, svg, iframe, object, embed, link, style, meta, form"
# What nbgrader's page wants of MathJax, which it loads from a content delivery network.
MATHJAX = "window.MathJax = {Hub: {Config() {}, Queue() {}, Startup: {signal: {Interest() {}}}}};"


# --------------------------------------------------------------------------- a hostile submission


def payload(canary: str, place: str) -> str:
    """Everything that makes a browser run or fetch something; `place` tells where it came from."""
    run = f"window.owned='{place}';fetch('{canary}/{place}')"
    return (
        f'<script>{run}</script><img src=x onerror="{run}"><svg onload="{run}"><script>{run}</script></svg>'
        f'<iframe srcdoc="<script>parent.{run}</script>"></iframe><object data="{canary}/{place}"></object>'
        f'<link rel=stylesheet href="{canary}/{place}"><style>@import "{canary}/{place}"</style>'
        f'<details open ontoggle="{run}"></details><meta http-equiv=refresh content="0;url={canary}">'
    )


def markdown(canary: str, place: str) -> str:
    """The same in the ways that Markdown and MathJax offer."""
    script = f"fetch('{canary}/{place}')"
    lines = (
        payload(canary, place),
        f"![picture]({canary}/{place}.png) ![by name][name] ![svg](data:image/svg+xml;base64,PHN2Zy8+)",
        f"[now](javascript:{script}) [coded](java&#115;cript:{script}) [data](data:text/html,<b>)",
        f"[by name][script] [in angles](<javascript:{script}>) <javascript:{script}> [![a](b)](vbscript:c)",
        f"$\\href{{javascript:{script}}}{{y}}$ $$<img src=x onerror={script}>$$ $\\style{{color:red}}{{x}}$",
        f'# A heading" onmouseover="{script}',
        f"| <img src=x onerror={script}> |\n|---|\n| [cell](javascript:{script}) |",
        f'```html"><script>{script}</script>\n</code></pre><script>{script}</script>\n```',
        f"- [script]: javascript:{script}\n\n[script]: javascript:{script}\n[name]: {canary}/{place}.png",
    )
    return "\n\n".join(lines)


def hostile(canary: str) -> dict[str, Any]:
    """A right submission of tiny with scripts wherever a notebook has room for something."""
    notebook = filled({"why": markdown(canary, "prose")})
    shown = {kind: payload(canary, "output") for kind in ("text/html", "image/svg+xml", "text/plain")}
    shown |= {kind: markdown(canary, "output") for kind in ("text/markdown", "text/latex")}
    shown["application/javascript"] = f"fetch('{canary}/output')"
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = [payload(canary, "tag")]
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "display_data", "data": shown, "metadata": {}}]
    said = payload(canary, "said")
    attached = {"a.svg": {"image/svg+xml": payload(canary, "attachment")}}
    raised = f"# {said}\nprint({said!r})\nraise type({said!r}, (Exception,), {{}})({said!r})"
    notebook["cells"] += [
        {"cell_type": "markdown", "id": "m", "metadata": {}, "source": markdown(canary, "cell")}
        | {"attachments": attached},
        {"cell_type": "raw", "id": "r", "metadata": {"format": "text/html"}, "source": said},
        code(raised),
    ]
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": {"</script>" + said: said}}}
    notebook["metadata"] |= {"widgets": widgets, "title": said, "authors": [{"name": said}]}
    notebook["metadata"]["kernelspec"] = {"name": said, "display_name": said, "language": said}
    notebook["metadata"]["language_info"] = {"name": said, "pygments_lexer": said, "mimetype": said}
    return notebook


def heading_for_each_box() -> dict[str, Any]:
    """A submission whose written answer, moved to the front, has a heading named as the box of each check."""
    notebook = filled(ONE_CENTRE)
    cells = notebook["cells"]
    boxes = [grade_id(cell) for cell in cells if grade_id(cell)]
    prose = next(cell for cell in cells if grade_id(cell) == "why")
    prose["source"] = "\n\n".join(f"# {name}\n\n{name}\n===" for name in boxes)
    notebook["cells"] = [prose, *(c for c in cells if c is not prose)]
    return notebook


# --------------------------------------------------------------------------- servers and a course


class _Canary(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.heard.append(self.path)  # type: ignore[attr-defined]
        self.send_response(204)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@dataclass(frozen=True)
class Desk:
    """A graded course and the formgrader that shows it."""

    course: Path
    site: str
    canary: str
    heard: list[str]  # paths that the canary was asked for
    scores: Scores


@pytest.fixture(scope="module")
def canary() -> Iterator[http.server.ThreadingHTTPServer]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Canary) as server:
        server.heard = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, canary: Any) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("formgrader")
    course, address = new_course(folder / "course"), f"http://127.0.0.1:{canary.server_port}"
    hand_in(course, "ada", filled({"why": "It is $S / (n d)$, the derivative is 0 there."}))
    hand_in(course, "ivan", filled(ONE_CENTRE))
    hand_in(course, "mallory", hostile(address))
    hand_in(course, "hedda", heading_for_each_box())
    results = graded(course)
    with jupyter_server(course, folder / "home") as site:
        yield Desk(course, site, address, canary.heard, {name: r["score"] for name, r in results.items()})


@contextmanager
def jupyter_server(course: Path, home: Path) -> Iterator[str]:
    """Jupyter with nbgrader's page and little else, on a port that it chooses; gives its address."""
    settings = {
        "ServerApp": {
            "ip": "127.0.0.1",
            "port": 0,
            "open_browser": False,
            "allow_root": True,
            "jpserver_extensions": dict.fromkeys(NOT_NEEDED, False),
        },
        "IdentityProvider": {"token": TOKEN},
    }
    (home / "config").mkdir(parents=True)
    (home / "config" / "jupyter_server_config.json").write_text(json.dumps(settings), encoding="utf-8")
    environment = {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_RUNTIME_DIR": str(home / "run"),
        "PATH": str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"],
    }
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyter", "server"],
            cwd=course,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield address_of(process, home)
        finally:
            process.kill()
            process.wait()


def address_of(process: subprocess.Popen[bytes], home: Path) -> str:
    """Where a Jupyter server listens, from the file that it writes when it is ready."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and process.poll() is None:
        for path in home.glob(f"run/jpserver-{process.pid}.json"):
            with suppress(ValueError):  # half written
                return f"http://127.0.0.1:{json.loads(path.read_text(encoding='utf-8'))['port']}"
        time.sleep(0.05)
    raise AssertionError(f"Jupyter did not start: {(home / 'log').read_text(encoding='utf-8')}")


# --------------------------------------------------------------------------- the browser


@dataclass
class Window:
    """A browser that is logged in at the desk, and what it did besides."""

    page: Page
    desk: Desk
    problems: list[str]

    def open(self, address: str) -> Page:
        """Shows a page of formgrader, all of it loaded."""
        self.page.goto(f"{self.desk.site}/formgrader/{address}")
        self.page.wait_for_load_state("networkidle")
        return self.page

    def open_submission(self, student: str) -> Page:
        """Shows what a student handed in, as a grader finds it: from the list of the class."""
        self.open("gradebook/tiny/tiny")
        self.page.get_by_role("button", name="Show All Names").click()
        self.page.get_by_role("link", name=student, exact=True).click()
        self.page.wait_for_load_state("networkidle")
        return self.page


@pytest.fixture
def window(browser: Browser, desk: Desk) -> Iterator[Window]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    window = Window(page, desk, [])

    def elsewhere(route: Route) -> None:
        if "mathjax" in route.request.url:
            route.fulfill(content_type="text/javascript", body=MATHJAX)
        else:
            window.problems.append(f"request: {route.request.url}")
            route.abort()

    def dialog(shown: Dialog) -> None:
        window.problems.append(f"dialog: {shown.message}")
        shown.dismiss()

    context.route(lambda address: not address.startswith((desk.site, desk.canary)), elsewhere)
    page.on("dialog", dialog)
    page.on("pageerror", lambda error: window.problems.append(f"script error: {error}"))
    page.on("popup", lambda popup: window.problems.append(f"popup: {popup.url}"))
    page.goto(f"{desk.site}/formgrader/gradebook?token={TOKEN}")
    yield window
    context.close()
    assert window.problems == []
    assert desk.heard == []


def test_formgrader_shows_the_recorded_scores_of_the_class(window: Window) -> None:
    page = window.open("gradebook/tiny/tiny")
    page.get_by_role("button", name="Show All Names").click()
    shown = {}
    for row in page.locator("#main-table tr").all():
        score, most = row.locator(".code-score").inner_text().split(" / ")
        shown[row.locator("a.name-shown").inner_text()] = float(score)
        assert most == "10"
    assert window.desk.scores["ada"] == window.desk.scores["mallory"] == 10.0
    assert 5.0 < window.desk.scores["ivan"] < 9.0
    assert shown == pytest.approx(window.desk.scores, abs=0.006)  # two digits are shown


def test_nothing_of_a_submission_full_of_scripts_runs_or_is_fetched(window: Window) -> None:
    page = window.open_submission("mallory")
    assert page.evaluate("window.owned") is None
    notebook = page.locator("#notebook-container").first  # nbgrader has two, one in the other
    expect(notebook).to_contain_text("window.owned='prose'")  # the words are all there
    expect(notebook).to_contain_text("window.owned='said'")
    assert notebook.locator(FORBIDDEN).evaluate_all("nodes => nodes.map(node => node.outerHTML)") == []
    links = notebook.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert not [link for link in links if not link.startswith(("http://", "https://", "#"))]
    names = notebook.locator("*").evaluate_all("nodes => nodes.flatMap(node => node.getAttributeNames())")
    assert not [name for name in set(names) if name.startswith("on")]
    for address in ("manage_students/mallory", "manage_students/mallory/tiny", "manage_submissions/tiny"):
        assert window.open(address).evaluate("window.owned") is None


def test_a_grade_typed_by_hand_survives_a_regrade_by_force(window: Window) -> None:
    page = window.open_submission("ada")
    with page.expect_response(lambda response: response.request.method == "PUT") as saved:
        page.locator("#why").fill("5.5")
        page.locator("#why-comment").focus()
    assert saved.value.ok
    with page.expect_response(lambda response: response.request.method == "PUT") as saved:
        page.locator("#why-comment").fill("Well reasoned.")
        page.locator("#why").focus()
    assert saved.value.ok
    regrade = command("grade", "tiny", "--force", "--student", "ada", "--course", window.desk.course)
    assert regrade.returncode == 0, regrade.stderr
    page = window.open_submission("ada")
    expect(page.locator("#why")).to_have_value("5.5")
    expect(page.locator("#why-comment")).to_have_value("Well reasoned.")
    row = window.open("gradebook/tiny/tiny").locator("#main-table tr", has_text="ada")
    expect(row.locator("td.score")).to_have_text("15.5 / 16")


def test_80_headings_in_a_written_answer_take_no_box_of_a_grade(window: Window) -> None:
    page = window.open_submission("hedda")
    for box in ("why", "moments-check", "standardise-check"):
        assert page.locator(f"input#{box}").count() == 1
    assert page.locator("#notebook-container").first.locator("h1[id]").count() == 0
    with page.expect_response(lambda response: response.request.method == "PUT") as saved:
        page.locator("#why").fill("2")
        page.locator("#why-comment").focus()
    assert saved.value.ok
    row = window.open("gradebook/tiny/tiny").locator("#main-table tr", has_text="hedda")
    score = float(row.locator(".code-score").inner_text().split(" / ")[0])
    assert score == pytest.approx(window.desk.scores["hedda"], abs=0.006)
