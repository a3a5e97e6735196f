"""The desk under attack: other sites, strangers, paths, floods, slow senders, a full disk, scripts."""

from __future__ import annotations

import html.parser
import json
import resource
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tornado.web import create_signed_value, decode_signed_value

from autograder.collect.attempts import Attempt, attempts_of, now
from autograder.course.files import one_at_a_time
from autograder.desk import links, serve, students
from autograder.desk.students import File
from autograder.desk.uploads import Upload
from autograder.reports.markdown import shown_safely
from tests.support.courses import command, filled, hand_in, new_course
from tests.support.desk import Caller, running

SCRIPT = "<img src=x onerror=alert(1)><script>alert(2)</script>"
TRAVERSALS = (
    *("..", "%2e%2e", "..%2f..%2f.autograder%2fseed", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "tiny%00"),
    *("tiny/..%2f.autograder", "....//....//seed", "%252e%252e%252fseed", "tiny%5c..%5c..", "C:%5cseed"),
    *("~", "-", "tiny\u202e"),
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    course = new_course(tmp_path_factory.mktemp("attacked") / "course")
    (course / "people.csv").write_text(
        f'id,name,email\nada,"Ada {SCRIPT}",a@example.org\nben,=HYPERLINK("x"),b@example.org\n',
        encoding="utf-8",
    )
    assert command("people", "import", course / "people.csv", "--course", course).returncode == 0
    hand_in(course, "ada", filled())
    with running(course) as caller:
        yield caller.sign_in()


def stranger(desk: Caller) -> Caller:
    """Somebody on the same machine who knows the port."""
    return Caller(desk.port, desk.desk)


def link(desk: Caller, student: str = "ada", seconds: int = 1000) -> str:
    """The path of a personal link."""
    told = links.Link(student, "tiny", int(time.time()) + seconds)
    return f"/h/{links.signed(desk.desk.course, told)}"


def notebook() -> bytes:
    return json.dumps(filled()).encode()


# --------------------------------------------------------------------------- who may ask


def test_a_printed_address_works_once(tmp_path: Path) -> None:
    with running(new_course(tmp_path / "course")) as desk:
        address = f"/login?token={desk.desk.token}"
        assert stranger(desk).get("/login?token=guess").status == 403
        first = desk.get(address)
        assert first.status == 200
        assert stranger(desk).get(address).status == 403
        cookie = first.headers["Set-Cookie"] if "desk-" in first.headers["Set-Cookie"] else ""
        assert desk.get("/").status == 200
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}


@pytest.mark.parametrize(
    "path", ["/", "/a/tiny", "/a/tiny/export/csv", "/report/tiny.html", "/a/tiny/events"]
)
def test_nobody_sees_anything_without_signing_in(desk: Caller, path: str) -> None:
    assert stranger(desk).get(path).status == 403
    forged = stranger(desk)
    forged.cookies = {f"desk-{desk.port}": "2|1:0|10:1795890812|10:desk|16:aW5zdHJ1Y3Rvcg==|" + "0" * 64}
    assert forged.get(path).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:{port}"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": None},
        {"X-XSRFToken": None},
        {"X-XSRFToken": "2|aaaaaaaa|bbbbbbbb|1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Cookie": None},
    ],
)
def test_72_a_request_of_another_site_changes_nothing(desk: Caller, headers: dict[str, str | None]) -> None:
    sent = {name: value and value.format(port=desk.port) for name, value in headers.items()}
    assert desk.post("/a/tiny/grade", **sent).status in (403, 421)
    assert desk.upload("/a/tiny/collect", b"PK", **sent).status in (403, 421)
    assert desk.desk.jobs.of("tiny") is None


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 60_000,
        b'{"student": "\\ud800", "until": "x"}',
        b'{"student": "a\\\\\\u0000", "until": "x"}',
        b"\xff",
        b"[]",
    ],
)
def test_what_no_text_can_hold_is_refused_in_a_sentence(desk: Caller, body: bytes) -> None:
    answer = desk.ask("POST", "/a/tiny/extend", body)
    assert (answer.status, answer.values["message"]) == (400, "The request cannot be understood.")


def test_92_a_cookie_seen_at_a_desk_s_port_opens_no_later_desk(desk: Caller) -> None:
    sockets = serve.bound(0)
    keys = [serve.local_desk(desk.desk.course, sockets)[1].settings["cookie_secret"] for _ in range(2)]
    cookie = create_signed_value(keys[0], "desk", "instructor")
    assert [decode_signed_value(key, "desk", cookie) for key in keys] == [b"instructor", None]
    sockets[0].close()


def test_92_the_token_is_in_no_program_s_arguments(desk: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = dict[str, str]()

    async def at_once() -> None:
        path = Path(next(iter(seen)).removeprefix("file://"))
        seen[str(path)] = path.read_text("utf-8")
        assert path.stat().st_mode & 0o077 == 0

    monkeypatch.setattr(serve.webbrowser, "open", lambda address: seen.update({address: ""}))
    monkeypatch.setattr(serve, "_end", at_once)
    opened = list[serve.Opened]()

    def opening() -> serve.Opened:
        opened.append(serve.opened_here(desk.desk.course, 0))
        return opened[0]

    # In a thread of its own: a browser that tests share keeps a loop running in theirs.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(serve.serve, opening, open_browser=True, say=lambda said: None).result() == 0
    token = opened[0].desk.token
    assert [token in part for pair in seen.items() for part in pair] == [False, False, False, True]
    assert not Path(list(seen)[1]).exists()


def test_another_site_reads_nothing_by_the_browser_of_who_is_signed_in(desk: Caller) -> None:
    assert desk.get("/", Host="rebound.example").status == 421
    assert desk.get("/a/tiny", Sec_Fetch_Site="cross-site").status == 403


def test_every_answer_says_that_nothing_foreign_may_be_loaded_or_frame_it(desk: Caller) -> None:
    for answer in (
        desk.get("/"),
        desk.get("/nowhere"),
        stranger(desk).get("/"),
        desk.students.get(link(desk)),
    ):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


# --------------------------------------------------------------------------- paths


@pytest.mark.parametrize("name", TRAVERSALS)
def test_75_no_parameter_leads_out_of_the_course(desk: Caller, name: str) -> None:
    name = quote(name, safe="%/")
    seed = desk.desk.course.seed.read_bytes()
    paths = (
        *(f"/a/{name}", f"/report/{name}.html", f"/static/{name}", f"/h/{name}"),
        *(f"/feedback/{name}/tiny/tiny.html", f"/feedback/ada/{name}/tiny.html"),
        *(f"/a/tiny/{part}/{name}" for part in ("export", "return", "by-hand", "by-hand/why/answer")),
    )
    for path in paths:
        answer = desk.get(path)
        assert answer.status in (400, 403, 404), path
        assert seed not in answer.body


@pytest.mark.parametrize(
    "name", ["../x.zip", "..\\x.zip", ".x.zip", "x.exe", "x" * 200 + ".zip", "a\nb.zip", ""]
)
def test_a_file_s_name_is_a_name_or_refused(desk: Caller, name: str) -> None:
    refused = desk.ask("POST", f"/a/tiny/collect?name={quote(name)}", b"PK\x03\x04")
    assert refused.status == 400


# --------------------------------------------------------------------------- personal links


def test_71_nobody_hands_in_as_somebody_else(desk: Caller) -> None:
    """A link is good for its student, assignment and time; whatever is changed in it breaks it."""
    good = link(desk)
    told, _, mac = good.removeprefix("/h/").partition(".")
    other = link(desk, "ben").removeprefix("/h/").partition(".")[0]
    wrong = (
        f"{other}.{mac}",
        f"{told}.{mac[:-2]}aa",
        f"{told}A.{mac}",
        f"{told}.",
        f"{told}.{mac}=",
        "AAAA.AAAA",
    )
    for part in (*wrong, link(desk, seconds=-1).removeprefix("/h/")):
        assert desk.students.get(f"/h/{part}").status in (403, 404)
        assert desk.students.upload(f"/h/{part}/file", notebook(), "tiny.ipynb").status in (403, 404)
    assert not (desk.desk.course.root / "submitted" / "ben").exists()
    assert desk.students.get(good).status == 200


def test_a_student_s_link_opens_nothing_of_the_desk(desk: Caller) -> None:
    for path in ("/", "/a/tiny", "/report/tiny.html", "/login", "/feedback/ada/tiny/tiny.html"):
        assert desk.students.get(path).status == 404
    student = Caller(desk.port, desk.desk)
    assert student.get(link(desk)).status in (403, 404)


def test_73_a_receipt_is_of_what_was_handed_in_and_known_again(desk: Caller, tmp_path: Path) -> None:
    own, root = link(desk), desk.desk.course.root
    desk.students.get(own)
    taken = desk.students.upload(f"{own}/file", notebook(), "my em.ipynb")
    assert taken.status == 200, taken.text
    (tmp_path / "receipt.txt").write_text(taken.values["receipt"], encoding="utf-8")
    (tmp_path / "my em.ipynb").write_bytes(notebook())
    verify = ("verify", tmp_path / "receipt.txt", tmp_path / "my em.ipynb", "--course", root)
    genuine = command(*verify)
    assert genuine.returncode == 0, genuine.stdout + genuine.stderr
    (tmp_path / "receipt.txt").write_text(
        taken.values["receipt"].replace("student: ada", "student: ben"), "utf-8"
    )
    assert command(*verify).returncode == 1
    number = len(list((root / ".autograder/attempts/tiny/ada").glob("[0-9]*")))
    assert desk.students.get(f"{own}/receipt/{number}").text == taken.values["receipt"]
    assert desk.students.get(f"{own}/receipt/9{number}").status == 404


def test_74_feedback_is_seen_by_its_own_link_and_when_it_was_returned(desk: Caller) -> None:
    course = desk.desk.course
    page = course.folder("feedback") / "ada" / "tiny" / "tiny.html"
    page.parent.mkdir(parents=True)
    page.write_text("<title>ada's</title>", encoding="utf-8")
    assert desk.students.get(link(desk) + "/feedback").status == 404
    from autograder.reports.handing_back import return_by_links

    return_by_links(course, "tiny")
    assert "ada's" in desk.students.get(link(desk) + "/feedback").text
    assert desk.students.get(link(desk, "ben") + "/feedback").status == 404


def test_attempts_and_cooldown_of_the_course_hold_at_the_desk(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    with (course / "nbgrader_config.py").open("a") as settings:
        settings.write("\nc.Autograder.max_attempts = 2\n")
    with running(course) as desk:
        own, student = link(desk), desk.students
        student.get(own)
        statuses = [
            student.upload(f"{own}/file", notebook() + b" " * n, "tiny.ipynb").status for n in range(3)
        ]
        assert statuses == [200, 200, 429]
        assert "All 2 attempts" in student.get(own).text


# --------------------------------------------------------------------------- floods


def test_76_too_much_is_refused_before_it_is_kept(desk: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    own = link(desk)
    desk.students.get(own)
    with begun(desk, 10_000_000_000) as line:  # 10 GB are announced
        assert line.recv(4096).startswith(b"HTTP/1.1 4")

    monkeypatch.setattr(File, "max_size", 200_000)

    def chunks() -> Iterator[bytes]:  # more than it says, since it says nothing
        for _ in range(100):
            yield b" " * 10_000

    try:
        status = desk.students.ask("POST", f"{own}/file?name=a.ipynb", chunks()).status
    except OSError:  # the connection was ended
        status = 400
    assert status in (400, 413)
    left = desk.desk.course.private / "uploads"
    while list(left.iterdir()):  # the desk learns a moment later that the sender is gone
        time.sleep(0.02)


def test_fifty_uploads_at_once_are_each_taken_in_or_told(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    with running(course) as desk:
        names = [f"s{number:02}" for number in range(50)]
        told: dict[str, tuple[int, str]] = {}

        def send(name: str) -> None:
            own, student = link(desk, name), Caller(desk.students.port, desk.students.desk)
            student.get(own)
            said = student.upload(f"{own}/file", notebook() + name.encode().ljust(9), "tiny.ipynb")
            told[name] = (said.status, "" if said.status == 200 else said.text)

        senders = [threading.Thread(target=send, args=(name,)) for name in names]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
    assert told == dict.fromkeys(names, (200, ""))
    for name in names:
        assert (
            (course / "submitted" / name / "tiny" / "tiny.ipynb")
            .read_bytes()
            .endswith(name.encode().ljust(9))
        )


def begun(desk: Caller, size: int) -> socket.socket:
    """A sender that announces a body and sends one byte of it."""
    line = socket.create_connection(("127.0.0.1", desk.port))
    lines = (
        "POST /a/tiny/collect?name=a.zip HTTP/1.1",
        f"Host: 127.0.0.1:{desk.port}",
        f"Origin: {desk.origin}",
        "Cookie: " + "; ".join(f"{name}={value}" for name, value in desk.cookies.items()),
        f"X-XSRFToken: {desk.xsrf}",
        f"Content-Length: {size}",
    )
    line.sendall("\r\n".join([*lines, "", "P"]).encode())
    return line


@contextmanager
def dripping(desk: Caller, count: int) -> Iterator[list[socket.socket]]:
    """Several such senders."""
    lines = [begun(desk, 1000) for _ in range(count)]
    try:
        yield lines
    finally:
        for line in lines:
            line.close()


def test_who_sends_a_byte_a_second_is_told_and_holds_up_nobody(
    desk: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Upload, "seconds", 1.0)
    with dripping(desk, 3) as lines:
        assert desk.get("/a/tiny").status == 200  # pages are answered meanwhile
        assert [line.recv(4096)[:12] for line in lines] == [b"HTTP/1.1 408"] * 3
        monkeypatch.undo()
    assert desk.upload("/a/other/collect", b"{}", "zoe.ipynb").status == 200  # and turns come back


def slow(desk: Caller, address: str) -> socket.socket:
    """A student's sender that announces a file and sends one byte of it."""
    own = Caller(desk.students.port, desk.students.desk)
    own.get(address)
    line = socket.create_connection(("127.0.0.1", own.port))
    lines = (
        f"POST {address}/file?name=tiny.ipynb HTTP/1.1",
        f"Host: 127.0.0.1:{own.port}",
        f"Origin: {own.origin}",
        "Cookie: " + "; ".join(f"{name}={value}" for name, value in own.cookies.items()),
        f"X-XSRFToken: {own.xsrf}",
        "Content-Length: 1000",
    )
    line.sendall("\r\n".join([*lines, "", "{"]).encode())
    return line


def test_76_one_student_s_slow_files_take_nobody_else_s_turn(desk: Caller) -> None:
    lines = [slow(desk, link(desk, "eve")) for _ in range(students.AT_ONCE + 5)]
    try:
        assert [line.recv(4096)[:12] for line in lines[students.AT_ONCE_EACH :]] == [b"HTTP/1.1 429"] * (
            students.AT_ONCE + 5 - students.AT_ONCE_EACH
        )
        own, ada = link(desk, "yve"), Caller(desk.students.port, desk.students.desk)
        ada.get(own)
        assert ada.upload(f"{own}/file", notebook(), "tiny.ipynb").status == 200
    finally:
        for line in lines:
            line.close()


def test_97_a_file_s_time_is_when_it_was_here_however_long_others_are_taken_in(
    desk: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, course = link(desk, "zoe"), desk.desk.course
    desk.students.get(own)
    came, kept = threading.Event(), File.kept

    def keeping(*arguments: Any) -> Attempt:
        came.set()
        return kept(*arguments)

    monkeypatch.setattr(File, "kept", keeping)
    with ThreadPoolExecutor(1) as pool:
        with one_at_a_time(course.private):
            answer = pool.submit(desk.students.upload, f"{own}/file", notebook(), "tiny.ipynb")
            assert came.wait(60)
            before = now()
        assert answer.result().status == 200
    assert attempts_of(course, "tiny", "zoe")[-1].received < before


def test_76_connections_that_say_nothing_keep_nobody_out(
    desk: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "MAX_CONNECTIONS", 10)
    silent = [socket.create_connection(("127.0.0.1", desk.students.port)) for _ in range(30)]
    try:
        assert desk.students.get(link(desk)).status == 200
    finally:
        for line in silent:
            line.close()


def test_76_connections_that_say_nothing_end_nobody_s_upload(
    desk: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "MAX_CONNECTIONS", 10)
    upload = slow(desk, link(desk, "uma"))
    assert desk.students.get(link(desk)).status == 200  # the upload was begun before
    silent = [socket.create_connection(("127.0.0.1", desk.students.port)) for _ in range(30)]
    try:
        assert desk.students.get(link(desk)).status == 200
        upload.sendall(b" " * 999)
        assert upload.recv(4096)[:12] == b"HTTP/1.1 200"
    finally:
        for line in (upload, *silent):
            line.close()


@pytest.mark.parametrize("length", ["abc", "-5", "+5", "5, 6"])
def test_76_a_length_that_is_none_is_refused_in_a_sentence(desk: Caller, length: str) -> None:
    assert desk.upload("/a/tiny/collect", b"PK", Content_Length=length).status in (0, 400)


def test_71_a_link_that_is_not_the_course_s_is_told_what_to_do(desk: Caller) -> None:
    good = link(desk)
    answer = desk.students.get(good[:-1] + ("A" if good[-1] != "A" else "B"))
    assert answer.status == 403
    assert "Ask your instructor for a new one" in answer.text


def test_turns_come_back_when_the_sender_is_gone(desk: Caller) -> None:
    with dripping(desk, 5):
        pass
    assert desk.upload("/a/other/collect", b"{}", "yann.ipynb").status == 200


def test_a_full_disk_is_told_and_costs_nothing_that_was_there(
    desk: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))  # writing fails as on a full disk
    try:
        told = desk.upload("/a/other/collect", b"P" * 3_000_000, "big.zip")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert told.status == 507
    assert "Make room" in told.values["message"]
    usage = type("Usage", (), {"free": 60_000_000})
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    assert desk.upload("/a/other/collect", b"P" * 5_000_000, "big.zip").status == 507
    monkeypatch.undo()
    assert list((desk.desk.course.private / "uploads").iterdir()) == []
    assert desk.upload("/a/other/collect", b"{}", "xena.ipynb").status == 200


@pytest.mark.parametrize("body", [b"", b"no archive", b"PK\x03\x04" + bytes(500)])
def test_what_is_no_archive_is_told(desk: Caller, body: bytes) -> None:
    told = desk.upload("/a/tiny/collect", body, "broken.zip")
    assert told.status in (400, 422)
    assert str(desk.desk.course.private) not in told.text


# --------------------------------------------------------------------------- scripts in what people write


class _Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[str, str]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen |= {(tag, name) for name, _ in attrs} | {(tag, "")}


def test_a_name_from_the_roster_is_a_name_on_every_page(desk: Caller) -> None:
    for page in (desk.get("/a/tiny").text, desk.students.get(link(desk)).text):
        assert "Ada &lt;img" in page
        assert SCRIPT not in page
    table = command("links", "tiny", "--course", desk.desk.course.root).stdout
    assert "'=HYPERLINK" in table


HOSTILE = (
    SCRIPT,
    "<style>*{display:none}</style><form action=/x><input name=points><button id=save>x</button></form>",
    "# points\n\n[a](javascript:alert(1)) ![b](http://x.example/p.png) <a name=points id=said>x</a>",
    "[r]: javascript:alert(1)\n\n[r] <javascript:alert(1)> <b onclick=alert(1)>",
    "$\\href{javascript:alert(1)}{x} \\style{position:fixed;inset:0}{y} \\class{top}{z} \\cssId{said}{w}$",
    "$\\text{<img src=x onerror=alert(1)>} \\unicode{x3c}script$ $$</math><script>alert(1)</script>$$",
    "```html onload=alert(1)\n</code></pre><script>alert(1)</script>\n```",
    "| a | b |\n|:-|-:|\n| <img src=x onerror=alert(1)> | <td style=position:fixed> |",
    "<svg><style><img src=x onerror=alert(1)></style></svg> <math><mtext><script>x</script></mtext></math>",
    "$\\hspace{99999em} \\rule{9999em}{9999em} \\raise{9999em}{x} \\kern999em$",
    "</div></section></main><h1>You have been logged out</h1> &lt;script&gt;alert(1)&lt;/script&gt;",
)
ALLOWED = {"", "scope", "display", "form", "width", *("stretchy", "fence", "separator", "accent")}
ALLOWED |= {"largeop", "movablelimits", "mathvariant", "linethickness", "columnalign"}
FORBIDDEN = {
    "script",
    "img",
    "a",
    "form",
    "input",
    "button",
    "style",
    "svg",
    "iframe",
    "object",
    "div",
    "section",
    "h1",
}


def test_an_answer_becomes_html_that_can_name_cover_fetch_or_run_nothing() -> None:
    for text, html_text in zip(HOSTILE, shown_safely(HOSTILE), strict=True):
        tags = _Tags()
        tags.feed(html_text)
        assert not {tag for tag, _ in tags.seen} & FORBIDDEN, text
        assert {name for _, name in tags.seen} <= ALLOWED, text
        assert "9999" not in "".join(part for part in html_text.split('width="')[1:2]), text


def test_68_an_answer_on_which_the_renderer_explodes_is_shown_as_it_was_typed() -> None:
    texts = [
        "[" * 50_000,
        "$" + "{" * 3_900 + "$",
        "*a **b " * 9_000,
        "> " * 20_000,
        "`" * 59_999 + "x",
        "|" * 50_000,
    ]
    shown = shown_safely([*texts, "**fine**"])
    assert shown[-1] == "<p><strong>fine</strong></p>\n"
    assert all(shown)
