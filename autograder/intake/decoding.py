"""From a file's bytes to what its JSON says: repaired where that is honest, else what the file is instead.

Pure functions on the standard library; they run in the reading process.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import json
import quopri
import re
from typing import Any

HAND_IN_AGAIN = "Open it in Jupyter, save it, and hand it in again."
THE_FILE_ITSELF = "Hand in the .ipynb file itself."
DOWNLOAD = "Open it, download the notebook itself (a file .ipynb), and hand that in."
ANEW = "Download the notebook anew, see that it opens in Jupyter, and hand that in."
JUPYTER_S_OWN = (
    "Hand in the file that Jupyter, Colab or VS Code saved, not one that went through another program."
)


class UnreadableError(Exception):
    """The file cannot be understood; `problem` and `remedy` are sentences for the student."""

    def __init__(self, problem: str, remedy: str = HAND_IN_AGAIN) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem, self.remedy = problem, remedy


def content_of(data: bytes, repairs: list[str]) -> Any:
    """Return what a notebook file holds.

    Raises
    ------
    UnreadableError
        If the bytes are something else, with what they are and what to do.
    """
    _refuse_other_formats(data)
    text = _decoded(data, repairs).strip("\0 \t\r\n\ufeff")
    if not text:
        raise UnreadableError(
            "The file is empty.", "Look for the notebook that you worked in, and hand it in."
        )
    text = _from_quoted_printable(text, repairs)
    if text[0] not in '{["':
        text = _without_words_before(_from_base64(text, repairs), repairs)
    return _unwrapped(_parsed(text, repairs), repairs)


# --------------------------------------------------------------------------- other formats, by first bytes

_WORD = "Copy your code and text into the assignment's notebook in Jupyter, and hand in the .ipynb file."
_UNPACK = "Unpack it, and hand in the .ipynb file that is in it."
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF", "Hand in the .ipynb file itself: in Jupyter File › Download, not Print or Export."),
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"7z\xbc\xaf", "a 7z archive", _UNPACK),
    (b"\xfd7zXZ", "an archive (xz)", _UNPACK),
    (b"BZh", "an archive (bzip2)", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "an archive (zstd)", _UNPACK),
    (b"\xd0\xcf\x11\xe0", "a document of Microsoft Office", _WORD),
    (b"{\\rtf", "a text in RTF, as TextEdit and Word save it", _WORD),
    (b"\x89PNG", "a picture", THE_FILE_ITSELF),
    (b"\xff\xd8\xff", "a picture", THE_FILE_ITSELF),
    (b"GIF8", "a picture", THE_FILE_ITSELF),
    (b"L\0\0\0\x01\x14\x02\0", "a shortcut of Windows, which only points to the notebook", THE_FILE_ITSELF),
    (b"bplist00", "a link or a placeholder of macOS or iCloud, which only points to the notebook", DOWNLOAD),
    (b"[InternetShortcut]", "a link to a web page", DOWNLOAD),
    (b"[Desktop Entry]", "a link of Linux", DOWNLOAD),
    (b"\x78\x9f\x3e\x22", "a winmail.dat of Outlook, with the notebook in it", THE_FILE_ITSELF),
    (
        b"\x00\x05\x16\x07",
        "what macOS keeps of a file beside it",
        "Hand in the file beside it, whose name does not begin with a dot.",
    ),
    (
        b"version https://git-lfs",
        "a pointer of Git LFS",
        "Type git lfs pull, and hand it in again.",
    ),
)


_OFFICE = (b"[Content_Types].xml", b"application/vnd.oasis.opendocument", b"Index/", b".iwa")


def _refuse_other_formats(data: bytes) -> None:
    if data and not data.strip(b"\0"):
        raise UnreadableError(
            "The file holds nothing but zeros: the disk or the cloud's copy of it failed.",
            "Look for another copy of the notebook, see that it opens in Jupyter, and hand that in.",
        )
    if data[4:8] == b"ftyp":
        raise UnreadableError("The file is a picture or a film, not a notebook.", THE_FILE_ITSELF)
    if data[257:262] == b"ustar":
        raise UnreadableError("The file is a tar archive, not a notebook.", _UNPACK)
    for magic, kind, remedy in _MAGIC:
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(magic):
            no_notebook = "" if "the notebook" in kind else ", not a notebook"
            raise UnreadableError(f"The file is {kind}{no_notebook}.", remedy)
    if data.startswith(b"PK\x03\x04"):
        if b"word/" in data or any(mark in data[:4000] for mark in _OFFICE):
            raise UnreadableError(
                "The file is a document of Word or another office program, not a notebook.", _WORD
            )
        raise UnreadableError("The file is a zip archive, not a notebook.", _UNPACK)


def other_archive(head: bytes) -> tuple[str, str]:
    """Return why a class's archive cannot be read as a zip, judged by how it begins, and what helps."""
    kinds = [kind for magic, kind, remedy in _MAGIC if remedy == _UNPACK and head.startswith(magic)]
    kinds += ["a tar archive"] if head[257:262] == b"ustar" else []
    if kinds:
        return f"it is {kinds[0]}, and no zip", "unpack it, and collect its folder with --directory"
    if re.match(rb"\s*<(?:!doctype|html|\?xml|head)", head, re.I):
        return "it is a web page, perhaps the one to log in", "log in, and download the archive anew"
    cut_off = head.startswith(b"PK") and len(head) > 4
    return "it is cut off or damaged" if cut_off else "it is no zip archive", "get the archive anew"


# --------------------------------------------------------------------------- encodings


def _decoded(data: bytes, repairs: list[str]) -> str:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            repairs.append("removed the byte order mark at the start of the file")
            return data.decode(encoding, "replace").removeprefix("\ufeff")
    start = data[:400]
    for zeros, encoding in ((start[1::2], "utf-16-le"), (start[::2], "utf-16-be")):
        if len(zeros) > 4 and zeros.count(0) > 0.8 * len(zeros) and start.count(0) < 0.7 * len(start):
            repairs.append("read the file as UTF-16")
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        repairs.append("read the file as Latin-1, because it is not UTF-8")
        return data.decode("cp1252", "replace")


def _from_base64(text: str, repairs: list[str]) -> str:
    """Return a notebook that was handed in as base64; any other text as it is."""
    if text.startswith(("eyJ", "ewo")):
        try:
            decoded = base64.b64decode(text, validate=False).decode("utf-8")
        except (binascii.Error, ValueError):
            return text
        repairs.append("decoded the file, which was in base64")
        return decoded
    return text


def _without_words_before(text: str, repairs: list[str]) -> str:
    """Return a notebook without the words that somebody wrote before it; any other text as it is."""
    begins = re.search(r'^\{\s*"(?:cells|metadata|nbformat|nbformat_minor|worksheets)"\s*:', text, re.M)
    if begins is None or not begins.start() or text[0] == "<" or CONFLICT.search(text):
        return text
    repairs.append(f"left out {begins.start()} characters before the notebook")
    return text[begins.start() :]


def _from_quoted_printable(text: str, repairs: list[str]) -> str:
    """Return a notebook as it was before a mail program wrapped its lines; any other text as it is."""
    if text[0] != "{" or "=3D" not in text or not re.search(r"=\r?\n", text):
        return text
    if max(map(len, text.splitlines())) > 76:
        return text
    repairs.append("decoded the file, which a mail program had written as quoted-printable")
    return quopri.decodestring(text.encode()).decode("utf-8", "replace")


# --------------------------------------------------------------------------- JSON


def _parsed(text: str, repairs: list[str]) -> Any:
    decoder = json.JSONDecoder(parse_int=_integer, strict=False)
    try:
        value, end = decoder.raw_decode(text)
    except RecursionError:
        raise UnreadableError("The file is nested far deeper than any notebook.") from None
    except json.JSONDecodeError as error:
        raise _diagnosis(text, error) from None
    rest = text[end:].strip("\0 \t\r\n")
    if rest and CONFLICT.search(text):
        raise _conflict(text)
    if rest:
        repairs.append(f"left out {len(rest)} characters after the end of the notebook")
    return value


CONFLICT = re.compile(r"^(?:<{7} |>{7} |={7}$)", re.M)


def _diagnosis(text: str, error: json.JSONDecodeError) -> UnreadableError:
    """Return what is wrong with a text that is no JSON, and what to do."""
    if CONFLICT.search(text):
        return _conflict(text)
    if text[0] not in '{["':
        return _no_json(text)
    if re.search(r"[“”„]\s*(?:cells|cell_type|nbformat|metadata)\s*[“”]", text):
        problem = "The file went through a word processor, which made its quotation marks curly."
        return UnreadableError(problem, JUPYTER_S_OWN)
    if re.match(r"\{\s*&(?:quot|#34);", text):
        problem = "The file went through a web page or a mail, which wrote &quot; for its quotation marks."
        return UnreadableError(problem, JUPYTER_S_OWN)
    if re.match(r"\{\s*'", text):
        problem = "The file is what Python prints of a notebook, with single quotation marks."
        return UnreadableError(problem, f"It was changed outside Jupyter. {JUPYTER_S_OWN}")
    if not text.endswith("}") or error.pos >= len(text) or error.msg.startswith("Unterminated string"):
        last = text.count("\n") + 1
        problem = f"The file is cut off: it ends in line {last}, in the middle of the notebook."
        return UnreadableError(problem, "Save it in Jupyter, check its size, and hand it in again.")
    where = f"line {error.lineno}, column {error.colno}"
    problem = f"The file is damaged in {where}: it is not valid JSON ({error.msg})."
    return UnreadableError(problem, f"It was changed outside Jupyter. {JUPYTER_S_OWN}")


def _conflict(text: str) -> UnreadableError:
    found = CONFLICT.search(text)
    line = text.count("\n", 0, found.start()) + 1 if found is not None else 1
    return UnreadableError(
        f"The file has the marks of a merge conflict of git in it, the first in line {line}.",
        "In a text editor keep one of the two versions between <<<<<<< and >>>>>>>, each time, and delete "
        "the marks; see that it opens in Jupyter, and hand it in again.",
    )


def _no_json(text: str) -> UnreadableError:
    """Return what a text is that does not even begin like a notebook."""
    start = text[:3000].lower()
    if "<html" in start or start.startswith("<!doctype html"):
        return _web_page("jp-notebook" in text[:2_000_000].lower() or "nbconvert" in start)
    if start.startswith("<?xml") and "<plist" in start:
        return UnreadableError("The file is a link of macOS, not a notebook.", DOWNLOAD)
    if re.fullmatch(r"\S+://\S+", text):
        return UnreadableError("The file is only the address of a page, not a notebook.", DOWNLOAD)
    if re.match(r"(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){2,40}?mime-version:", start):
        return UnreadableError(
            "The file is an e-mail, not a notebook.",
            "Save the notebook that is attached to it, and hand it in.",
        )
    if re.match(r"diff --(?:git|cc) |--- [^\n]*\n\+\+\+ ", text):
        return UnreadableError(
            "The file is a list of changes, as git diff writes it, not a notebook.", THE_FILE_ITSELF
        )
    if len(re.findall(r"^>", text[:3000], re.M)) > 0.9 * (text[:3000].count("\n") + 1):
        return UnreadableError(
            "The file is text out of a mail, whose lines begin with >, not a notebook.", THE_FILE_ITSELF
        )
    if re.search(r"^(?:```|~~~) *(?:\{|python|r\b)", text[:20_000], re.M):
        return UnreadableError(
            "The file is a text in Markdown, as Jupytext, MyST and Quarto save it, not a notebook.",
            "Copy its functions into the assignment's notebook, and hand in the .ipynb file.",
        )
    if re.search(r"^# ?%%|^#\s+jupyter:|^(?:import|from) \w+|^def \w+\(", text[:20_000], re.M):
        return UnreadableError(
            "The file is a Python script, not a notebook.",
            "Copy its functions into the assignment's notebook, and hand in the .ipynb file.",
        )
    if re.search("[\x00-\x08\x0e-\x1f\x7f]", text[:200]):
        return UnreadableError("The file holds no text, and is not a notebook.", THE_FILE_ITSELF)
    return UnreadableError(
        f"The file is plain text, not a notebook: it begins with {text[:30]!r}.", THE_FILE_ITSELF
    )


def _web_page(exported: bool) -> UnreadableError:
    if exported:
        problem = "The file is the notebook as a web page (HTML), as Export makes it, not the notebook."
        return UnreadableError(problem, "In Jupyter choose File › Download, and hand in that .ipynb file.")
    return UnreadableError(
        "The file is a web page (HTML), not a notebook: the page around the notebook was saved, or a login "
        "page in its place.",
        "Download the notebook itself (on GitHub by Raw or Download, in Jupyter by File › Download), and "
        "hand that in.",
    )


def _unwrapped(value: Any, repairs: list[str]) -> Any:
    """Return the notebook in what was saved around it: a text, an answer of Jupyter's or GitHub's, a list."""
    if isinstance(value, str):
        repairs.append("took the notebook out of a text in JSON: it was encoded twice")
        return _parsed(value.strip() or "null", repairs) if value.lstrip()[:1] == "{" else value
    if isinstance(value, list) and any(isinstance(cell, dict) and "cell_type" in cell for cell in value):
        repairs.append("made a notebook of a list of cells")
        return {"cells": value, "nbformat": 4, "metadata": {}}
    if not isinstance(value, dict) or {"cells", "worksheets"} & value.keys():
        return value
    inner = value.get("content", value.get("notebook"))
    if isinstance(inner, dict) and "cells" in inner:
        repairs.append("took the notebook out of an answer of Jupyter's server")
        return inner
    if isinstance(inner, str) and value.get("encoding") == "base64":
        decoded = _from_base64(inner.replace("\n", ""), repairs)
        return _parsed(decoded, repairs) if decoded[:1] == "{" else value
    if {"url", "doc_id"} & value.keys():
        raise UnreadableError("The file is a link to a document in the cloud, not a notebook.", DOWNLOAD)
    if {"error", "errors", "errorcode", "exception"} & value.keys():
        raise UnreadableError(
            "The file is what a server answers in the place of the notebook: an error (in JSON).", ANEW
        )
    return value


def _integer(digits: str) -> int:
    """Return a number; one of thousands of digits takes long to read and means nothing in a notebook."""
    return int(digits) if len(digits) < 20 else 0
