"""Right notebooks as programs save them, and as programs and people damage them: what is told must be true.

What must come of each is a status, words of the repairs or of the diagnosis, and words of the remedy.
"""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import lzma
import quopri
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter, PythonExporter

from autograder.course.release import Release, load
from autograder.intake.folder import Reading, choose, read_files
from tests.support.courses import (
    QUESTIONS,
    cell_of,
    code,
    filled,
    grade_id,
    graded,
    hand_in,
    is_answer,
    new_course,
    release,
    released,
    right,
)

Notebook = dict[str, Any]
Files = dict[str, bytes]


@dataclass(frozen=True)
class Saved:
    """What a program made of a notebook, and what must be said of it."""

    name: str
    make: Callable[[], Notebook | bytes | Files]
    status: str
    told: tuple[str, ...]
    answers: bool  # whether all answers are there


SAVED: list[Saved] = []


def saved(status: str, *told: str, answers: bool = True) -> Callable[[Any], Any]:
    """Registers what a function makes."""

    def register(make: Callable[[], Any]) -> Callable[[], Any]:
        SAVED.append(Saved(make.__name__, make, status, told, answers and status == "graded"))
        return make

    return register


def as_bytes(notebook: Notebook, **options: Any) -> bytes:
    return json.dumps(notebook, **{"ensure_ascii": False, **options}).encode()


# --------------------------------------------------------------------------- as programs save


@saved("graded")
def colab() -> Notebook:
    """Ids in the metadata, its own kernel's name, an output, and one cell that loads Drive."""
    notebook = {**filled(), "nbformat_minor": 0}
    for number, cell in enumerate(notebook["cells"]):
        cell.pop("id")
        cell["metadata"] |= {"id": f"x{number}", "colab": {"base_uri": "https://localhost:8080/"}}
        cell["source"] = cell["source"].splitlines(keepends=True)
    notebook["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
    }
    return notebook


@saved("graded")
def vs_code() -> bytes:
    notebook = filled()
    for cell in notebook["cells"]:
        cell["metadata"]["vscode"] = {"languageId": "python"}
        cell["source"] = cell["source"].splitlines(keepends=True)
    notebook["metadata"] = {"kernelspec": {"name": "python3", "display_name": ".venv"}, "orig_nbformat": 4}
    return as_bytes(notebook, indent=1)


@saved("graded")
def jupyter_by_nbformat() -> bytes:
    return nbformat.writes(nbformat.from_dict(filled())).encode()


@saved("graded", "without one")
def jupytext_that_dropped_the_ids() -> Notebook:
    notebook = filled()
    for cell in notebook["cells"]:
        cell.pop("id")
    notebook["metadata"]["jupytext"] = {"formats": "ipynb,py:percent"}
    return notebook


@saved("graded", "by its content", "names no kernel")
def deepnote() -> Notebook:
    """Every cell's metadata is its own, and Markdown is cut into blocks."""
    notebook = filled()
    cells = []
    for cell in notebook["cells"]:
        pieces = cell["source"].split("\n\n") if cell["cell_type"] == "markdown" else [cell["source"]]
        cells += [{**cell, "source": piece, "metadata": {"deepnote_cell_type": "x"}} for piece in pieces]
    return {**notebook, "cells": cells, "metadata": {"deepnote": {}}}


@saved("graded", "from format 3 to format 4")
def nbformat_3() -> Notebook:
    cells = []
    for cell in filled()["cells"]:
        old = {key: value for key, value in cell.items() if key not in ("id", "execution_count")}
        if cell["cell_type"] == "code":
            old = {**old, "input": old.pop("source"), "language": "python", "prompt_number": 1}
        cells.append(old)
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}


@saved("graded", "took the notebook out of an answer of Jupyter's server")
def contents_api() -> Notebook:
    return {"name": "tiny.ipynb", "type": "notebook", "format": "json", "content": filled()}


@saved("graded", "base64")
def github_api() -> Notebook:
    content = base64.encodebytes(as_bytes(filled())).decode()
    return {"name": "tiny.ipynb", "encoding": "base64", "content": content}


@saved("graded", "encoded twice")
def encoded_twice() -> bytes:
    return json.dumps(json.dumps(filled())).encode()


@saved("graded", "2 cells have the id moments")
def copied_cell_with_its_id() -> Notebook:
    notebook = filled()
    place = notebook["cells"].index(cell_of(notebook, "moments"))
    notebook["cells"].insert(place, {**cell_of(notebook, "moments"), "source": "# a first try"})
    return notebook


# --------------------------------------------------------------------------- names


@saved("graded", "took tiny (1).ipynb")
def icloud_duplicate() -> Files:
    return {"tiny (1).ipynb": as_bytes(filled())}


@saved("graded", "took tiny.ipynb.txt")
def windows_with_hidden_endings() -> Files:
    return {"tiny.ipynb.txt": as_bytes(filled())}


@saved("graded", "took tiny.ipynb.json")
def safari() -> Files:
    return {"tiny.ipynb.json": as_bytes(filled())}


@saved("graded", "took tiny_final.ipynb", "not graded: tiny.ipynb")
def untouched_beside_the_finished_one() -> Files:
    return {"tiny.ipynb": as_bytes(release()), "tiny_final.ipynb": as_bytes(filled())}


@saved("graded", "took tiny (1).ipynb", "not graded: tiny.ipynb")
def started_beside_the_finished_one() -> Files:
    """A browser calls the second download so, and people go on in it."""
    started = release()
    cell_of(started, "moments")["source"] = right()["moments"]
    return {"tiny.ipynb": as_bytes(started), "tiny (1).ipynb": as_bytes(filled())}


@saved("graded", "not graded: draft/tiny.ipynb")
def equally_finished() -> Files:
    return {"tiny.ipynb": as_bytes(filled()), "draft/tiny.ipynb": as_bytes(filled())}


@saved("graded", "took TINY.IPYNB")
def shouting() -> Files:
    return {"TINY.IPYNB": as_bytes(filled())}


@saved("graded", "not graded: ")
def whole_course_at_once() -> Files:
    others = {f"{letter}.ipynb": as_bytes({"cells": [code("x")], "nbformat": 4}) for letter in "abcdefghij"}
    return {**others, "Tiny (1).ipynb": as_bytes(filled())}


# --------------------------------------------------------------------------- encodings


@saved("graded", "byte order mark", "names no kernel")
def notepad() -> bytes:
    """A byte order mark, and Windows' line ends in the file (JSON does not mind those)."""
    notebook = {**filled(), "metadata": {}}
    return b"\xef\xbb\xbf" + as_bytes(notebook, indent=1).replace(b"\n", b"\r\n")


@saved("graded", "byte order mark")
def powershell_utf_16() -> bytes:
    return as_bytes(filled()).decode().encode("utf-16")


@saved("graded", "UTF-16")
def utf_16_without_a_mark() -> bytes:
    return as_bytes(filled()).decode().encode("utf-16-le")


@saved("graded", "Latin-1")
def latin_1() -> bytes:
    notebook = filled()
    notebook["cells"].insert(0, code("name = 'Andr\u00e9'"))
    return json.dumps(notebook, ensure_ascii=False).encode("latin-1", "replace")


@saved("graded")
def padded_with_zeros_by_a_crash() -> bytes:
    return as_bytes(filled()) + b"\0" * 4096


@saved("graded", "characters after the end of the notebook")
def longer_file_underneath() -> bytes:
    whole = as_bytes(filled())
    return whole + whole[-300:]


# --------------------------------------------------------------------------- something else


@saved("unreadable", "merge conflict", "in line", "keep one of the two versions")
def merge_conflict() -> bytes:
    lines = as_bytes(filled(), indent=1).decode().splitlines()
    lines[20:21] = ["<<<<<<< HEAD", lines[20], "=======", lines[20], ">>>>>>> theirs"]
    return "\n".join(lines).encode()


@saved("unreadable", "web page", "as Export makes it", "File › Download")
def exported_as_html() -> bytes:
    page, _ = HTMLExporter().from_notebook_node(nbformat.from_dict(filled()))
    return str(page).encode()


@saved("unreadable", "web page (HTML), not a notebook", "login page", "Download the notebook itself")
def login_page() -> bytes:
    return b"<!DOCTYPE html>\n<html><head><title>Log in</title></head><body>Moodle</body></html>"


@saved("unreadable", "a PDF", "not Print or Export")
def pdf_renamed() -> bytes:
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"


@saved("unreadable", "zip archive", "Unpack it")
def zip_renamed() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("tiny.ipynb", as_bytes(filled()))
    return file.getvalue()


@saved("unreadable", "gzip", "Unpack it")
def gzip_renamed() -> bytes:
    return gzip.compress(as_bytes(filled()))


@saved("unreadable", "Word", "Copy your code")
def word_document() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
    return file.getvalue()


@saved("unreadable", "curly", "not one that went through another program")
def word_as_plain_text() -> bytes:
    return as_bytes(filled()).decode().replace('"cells"', "\u201ccells\u201d").encode()


@saved("unreadable", "RTF", "Copy your code")
def textedit() -> bytes:
    return b'{\\rtf1\\ansi\\ansicpg1252 \\{"cells": []\\}}'


@saved("unreadable", "The file is empty", "that you worked in")
def empty() -> bytes:
    return b""


@saved("unreadable", "nothing but zeros", "another copy")
def all_zeros() -> bytes:
    return b"\0" * 1000


@saved("unreadable", "cut off", "check its size")
def half_a_download() -> bytes:
    whole = as_bytes(filled())
    return whole[: len(whole) // 2]


@saved("unreadable", "a link", "download the notebook itself")
def windows_link() -> bytes:
    return b"[InternetShortcut]\r\nURL=https://colab.research.google.com/drive/1\r\n"


@saved("unreadable", "placeholder", "download the notebook itself")
def icloud_placeholder() -> Files:
    return {".tiny.ipynb.icloud": b"bplist00\xd4\x01\x02\x03"}


@saved("unreadable", "link to a document in the cloud", "download the notebook itself")
def google_drive_link() -> bytes:
    return b'{"url": "https://docs.google.com/open?id=1", "doc_id": "1", "email": "ada@example.org"}'


@saved("unreadable", "only the address", "download the notebook itself")
def address_alone() -> bytes:
    return b"https://colab.research.google.com/drive/1?usp=sharing\n"


@saved("unreadable", "Python script", "into the assignment's notebook")
def python_script() -> bytes:
    script, _ = PythonExporter().from_notebook_node(nbformat.from_dict(filled()))
    return str(script).encode()


@saved("unreadable", "Git LFS", "git lfs pull")
def git_lfs_pointer() -> bytes:
    return b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


@saved("graded", "quoted-printable")
def quoted_printable() -> bytes:
    return quopri.encodestring(as_bytes(filled(), indent=1, ensure_ascii=True))


@saved("unreadable", "an e-mail", "that is attached to it")
def whole_mail() -> bytes:
    lines = ("Return-Path: <ada@x.org>", "From: Ada <ada@x.org>", "Subject: tiny", "MIME-Version: 1.0", "")
    return "\r\n".join((*lines, base64.encodebytes(as_bytes(filled())).decode())).encode()


@saved("unreadable", "Markdown", "into the assignment's notebook")
def quarto() -> bytes:
    return ("---\njupyter: python3\n---\n\n```{python}\n" + right()["moments"] + "\n```\n").encode()


@saved("unreadable", "Markdown", "into the assignment's notebook")
def jupytext_markdown() -> bytes:
    return ("---\njupyter:\n  jupytext: {}\n---\n\n```python\n" + right()["moments"] + "\n```\n").encode()


@saved("unreadable", "office program", "into the assignment's notebook")
def open_document() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    return file.getvalue()


@saved("unreadable", "office program", "into the assignment's notebook")
def pages_of_apple() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("Index/Document.iwa", b"x")
    return file.getvalue()


@saved("unreadable", "a picture", "the .ipynb file itself")
def photo_of_a_telephone() -> bytes:
    return b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"


@saved("unreadable", "macOS keeps of a file beside it", "does not begin with a dot")
def second_half_of_a_file() -> bytes:
    return b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + bytes(100)


@saved("unreadable", "winmail.dat", "the .ipynb file itself")
def outlook_s_wrapping() -> bytes:
    return b"\x78\x9f\x3e\x22\x01\x00\x01"


@saved("unreadable", "holds no text", "the .ipynb file itself")
def pickle_of_the_session() -> bytes:
    return b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}\x94."


@saved("unreadable", "damaged in line", "not one that went through another program")
def comma_too_many() -> bytes:
    return as_bytes(filled(), indent=1).replace(b'"metadata": {', b'"metadata": {,', 1)


@saved("graded", "byte order mark")
def utf_32() -> bytes:
    return as_bytes(filled()).decode().encode("utf-32")


@saved("graded", "left out 22 characters before the notebook")
def words_before_the_notebook() -> bytes:
    return b"Here is my notebook:\n\n" + as_bytes(filled())


@saved("graded", "took tiny.json")
def saved_as_json() -> Files:
    return {"tiny.json": as_bytes(filled()), "notes.txt": b"x"}


@saved("graded", "took tiny for tiny.ipynb")
def android_without_an_ending() -> Files:
    return {"tiny": as_bytes(filled())}


@saved("unreadable", "cut off: it ends in line", "check its size")
def cut_off_behind_a_bracket() -> bytes:
    whole = as_bytes(filled(), indent=1)
    return whole[: whole.rfind(b"}", 0, len(whole) // 2) + 1]


@saved("unreadable", "tar archive", "Unpack it")
def tar_renamed() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("tiny.ipynb"), io.BytesIO())
    return file.getvalue()


@saved("unreadable", "an archive (xz), not a notebook", "Unpack it")
def xz_renamed() -> bytes:
    return lzma.compress(as_bytes(filled()))


@saved("unreadable", "which only points to the notebook. Hand in")
def windows_shortcut() -> Files:
    return {"tiny.ipynb - Shortcut.lnk": b"L\0\0\0\x01\x14\x02\0" + bytes(60)}


@saved("unreadable", "as git diff writes it", "the .ipynb file itself")
def patch() -> bytes:
    return b"diff --git a/tiny.ipynb b/tiny.ipynb\nindex 12..34 100644\n--- a/tiny.ipynb\n+++ b/tiny.ipynb\n"


@saved("unreadable", "wrote &quot; for its quotation marks", "not one that went through another program")
def escaped_for_a_web_page() -> bytes:
    return html.escape(as_bytes(filled()).decode()).encode()


@saved("unreadable", "what a server answers", "Download the notebook anew")
def error_of_the_server() -> bytes:
    return b'{"error": "Can\'t find data record in database table course_modules.", "errorcode": "x"}'


@saved("unreadable", "what Python prints", "not one that went through another program")
def printed_by_python() -> bytes:
    return repr(filled()).encode()


@saved("unreadable", "whose lines begin with >", "the .ipynb file itself")
def quoted_in_a_mail() -> bytes:
    return "".join(f"> {line}\n" for line in as_bytes(filled(), indent=1).decode().splitlines()).encode()


@saved("missing", "There is no notebook in the folder. tiny.html: ", "as Export makes it", "File › Download")
def only_the_web_page() -> Files:
    return {"tiny.html": next(iter(files_of(Saved("", exported_as_html, "", (), False)).values()))}


@saved("missing", "There is no notebook in the folder. tiny.docx: ", "Word", "Copy your code")
def only_a_word_document() -> Files:
    return {"tiny.docx": word_document(), "timestamp.txt": b"2026-11-30 18:00 UTC"}


# --------------------------------------------------------------------------- what is told


@cache
def tiny() -> Release:
    return load(released() / "release" / "tiny" / "tiny.ipynb")


def files_of(one: Saved) -> Files:
    made = one.make()
    if isinstance(made, dict) and all(isinstance(content, bytes) for content in made.values()):
        return made
    return {"tiny.ipynb": made if isinstance(made, bytes) else as_bytes(made)}


def reading(one: Saved, folder: Path) -> Reading:
    place = folder / "ada" / "tiny"
    place.mkdir(parents=True)
    for name, content in files_of(one).items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_bytes(content)
    return choose(read_files(folder, ["ada", "tiny"]), tiny())


@pytest.mark.parametrize("one", SAVED, ids=lambda one: one.name)
def test_what_is_told_is_true_and_the_remedy_is_named(one: Saved, tmp_path: Path) -> None:
    read = reading(one, tmp_path)
    said = " ".join((*read.notebook.repairs, read.problem))
    assert read.status == one.status, said
    assert [words for words in one.told if words not in said] == [], said
    if one.status == "unreadable":
        assert "tiny" in read.problem.partition(":")[0]
    if one.answers:
        sources = {
            tiny().cells[c.origin].grade_id: c.source for c in read.notebook.cells if c.origin is not None
        }
        for name, source in right().items():
            if any(grade_id(cell) == name and is_answer(cell) for cell in filled()["cells"]):
                assert sources[name].strip() == source.strip()


def test_handed_in_together_each_gets_what_it_is_worth(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    for one in SAVED:
        for name, content in files_of(one).items():
            hand_in(course, one.name, content, name)
    results = graded(course)
    assert {one.name: results[one.name]["status"] for one in SAVED} == {one.name: one.status for one in SAVED}
    whole = {one.name: results[one.name]["score"] for one in SAVED if one.answers}
    assert whole == dict.fromkeys(whole, sum(QUESTIONS.values()))
    assert not [name for name, result in results.items() if result["incidents"]]
