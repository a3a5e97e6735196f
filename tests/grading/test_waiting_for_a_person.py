"""No automatic zero where a person should look: words, pictures and code in unusual places are kept."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from autograder.course.directory import open_course
from autograder.intake.pictures import SIDE, RawPicture, redrawn, safe
from autograder.record.rows import Row, rows
from tests.support.courses import (
    GradedClass,
    cell_of,
    code,
    command,
    filled,
    graded,
    hand_in,
    new_course,
    release,
    right,
)
from tests.support.desk import running

ANSWER = "Squares are divided by their mean, so the mean becomes one."
Notebook = dict[str, Any]


def unwritten(**answers: str) -> Notebook:
    """Right functions; the written answer is as it was released, unless one is given."""
    return filled({"why": cell_of(release(), "why")["source"], **answers})


def markdown(source: str, **others: Any) -> Notebook:
    return {"cell_type": "markdown", "id": "own", "metadata": {}, "source": source, **others}


def photo(width: int = 2400, kind: str = "JPEG") -> bytes:
    image = Image.linear_gradient("L").resize((width, width // 2)).convert("RGB")
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"  # the description of the picture
    image.save(file, kind, exif=exif)
    return file.getvalue()


def base(picture: bytes) -> str:
    return base64.b64encode(picture).decode()


def behind(new: Notebook, name: str = "why") -> Notebook:
    notebook = unwritten()
    notebook["cells"].insert(notebook["cells"].index(cell_of(notebook, name)) + 1, new)
    return notebook


def typed_into(name: str, text: str) -> Notebook:
    notebook = unwritten()
    cell_of(notebook, name)["source"] += text
    return notebook


def with_picture() -> Notebook:
    notebook = unwritten(why="![sheet](attachment:sheet.jpg)")
    cell_of(notebook, "why")["attachments"] = {"sheet.jpg": {"image/jpeg": base(photo())}}
    return notebook


def attached_and_not_named() -> Notebook:
    notebook = unwritten()
    cell_of(notebook, "why")["attachments"] = {"sheet.png": {"image/png": base(photo(40, "PNG"))}}
    return notebook


def function_in_check_cell(source: str) -> Notebook:
    notebook = unwritten(scaled="# below")
    check = cell_of(notebook, "scaled-check")
    check["source"] = f"{source}\n\n{check['source']}"
    return notebook


def shown_by_code(*pictures: bytes) -> Notebook:
    shown = code("from IPython.display import Image\nImage('sheet.jpg')")
    shown["outputs"] = [
        {"output_type": "execute_result", "metadata": {}, "data": {"image/jpeg": base(picture)}}
        for picture in pictures
    ]
    return behind(shown)


def function_in(*, behind: str = "scaled-check", stub: bool = True, **cell: Any) -> Notebook:
    """The function in another cell; the answer cell as it was released, or gone."""
    notebook = unwritten(scaled=cell_of(release(), "scaled")["source"])
    place = notebook["cells"].index(cell_of(notebook, behind)) + 1
    notebook["cells"].insert(place, {**markdown(right()["scaled"]), **cell})
    if not stub:
        notebook["cells"].remove(cell_of(notebook, "scaled"))
    return notebook


def merged_with_the_release() -> Notebook:
    """As nbdime leaves both sides of a merge: the written cell, and behind it the released one once more."""
    notebook = unwritten()
    place = notebook["cells"].index(cell_of(notebook, "scaled")) + 1
    notebook["cells"].insert(place, cell_of(release(), "scaled"))
    return notebook


def all_in_one_cell() -> Notebook:
    stubs = {name: cell_of(release(), name)["source"] for name in right() if name != "why"}
    return unwritten(**{**stubs, "moments": "\n\n".join(right()[name] for name in stubs)})


FENCE = f"```python\n{right()['scaled']}\n```"
IN_A_CLASS = "class Answers:\n" + "\n".join(f"    {line}" for line in right()["scaled"].splitlines())
CODE = {"cell_type": "code", "outputs": [], "execution_count": None}
ELSEWHERE = {
    "below its check": lambda: function_in(**CODE),
    "above its cell": lambda: function_in(behind="moments-check", **CODE),
    "merged": merged_with_the_release,
    "all in one cell": all_in_one_cell,
}
NOT_CALLED = {
    "raw": lambda: function_in(cell_type="raw"),
    "fence": lambda: function_in(source=FENCE),
    "class": lambda: function_in(**CODE, source=IN_A_CLASS),
}

HANDED_IN = {
    "fence alone": lambda: function_in(source=FENCE, stub=False),
    **ELSEWHERE,
    **NOT_CALLED,
    "nothing": unwritten,
    "in its cell": lambda: unwritten(why=ANSWER),
    "new cell": lambda: behind(markdown(ANSWER)),
    "code cell": lambda: behind(code(f'"""{ANSWER}"""')),
    "comment": lambda: behind(code(f"# {ANSWER}")),
    "comment in a check cell": lambda: typed_into("scaled-check", f"\n# {ANSWER}"),
    "photo shown by code": lambda: shown_by_code(photo()),
    "photo named in code": shown_by_code,
    "no python": lambda: behind(code(ANSWER)),
    "in the question": lambda: typed_into("why-question", f"\n\n{ANSWER}"),
    "photo": with_picture,
    "photo in a new cell": lambda: behind(markdown(f"![](data:image/png;base64,{base(photo(kind='PNG'))})")),
    "photo attached and not named": attached_and_not_named,
    "broken photo": lambda: unwritten(why="![](data:image/png;base64,iVBORw0KGgo=)"),
    "photo beside": lambda: unwritten(why="![sheet](sheet.jpg)"),
    "experiments": lambda: behind(code("import math\nx = [math.sqrt(i) for i in range(9)]")),
    "function in the check cell": lambda: function_in_check_cell(right()["scaled"]),
    "wrong one there": lambda: function_in_check_cell(
        "def scaled(X, centre, spread):\n    return X - centre"
    ),
}


def as_file(notebook: Notebook) -> bytes:
    return json.dumps(notebook).encode()


# Folders as they are handed in: a notebook without the written answer, and what that may be on.
PAPERS = {
    "photo in the folder": {"tiny.ipynb": lambda: as_file(unwritten()), "IMG_2034.JPG": photo},
    "scan in the folder": {"tiny.ipynb": lambda: as_file(unwritten()), "why.pdf": lambda: b"%PDF-1.7"},
    "another scan": {"tiny.ipynb": lambda: as_file(unwritten()), "why.pdf": lambda: b"%PDF-1.7 2"},
    "named and there": {
        "tiny.ipynb": lambda: as_file(unwritten(why="![my sheet](sheet.jpg)")),
        "sheet.jpg": photo,
    },
    "scan alone": {"tiny.pdf": lambda: b"%PDF-1.7"},
    "readme and data": {
        "tiny.ipynb": lambda: as_file(unwritten()),
        "README.md": lambda: b"# tiny",
        "points.csv": lambda: b"1,2",
    },
}


@pytest.fixture(scope="module")
def unusual(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    course = new_course(tmp_path_factory.mktemp("unusual") / "course")
    for name, make in HANDED_IN.items():
        hand_in(course, name, make())
    for name, files in PAPERS.items():
        folder = course.parent / "in" / name
        folder.mkdir(parents=True)
        for file, content in files.items():
            (folder / file).write_bytes(content())
    command("collect", "tiny", "--directory", course.parent / "in", "--course", course)
    return GradedClass(course, graded(course))


def row(unusual: GradedClass, student: str) -> Row:
    found = rows(open_course(unusual.course), "tiny")
    return next(row for row in found if row.person.id == student)


def cell(unusual: GradedClass, student: str, name: str = "why") -> Notebook:
    path = unusual.course / "autograded" / student / "tiny" / "tiny.ipynb"
    return cell_of(json.loads(path.read_text("utf-8")), name)


@pytest.mark.parametrize(
    "student",
    [
        "in its cell",
        "new cell",
        "code cell",
        "comment",
        "comment in a check cell",
        "no python",
        "in the question",
    ],
)
def test_a_written_answer_anywhere_is_shown_in_its_cell_and_waits(unusual: GradedClass, student: str) -> None:
    assert row(unusual, student).cells["why"].waiting
    assert ANSWER in cell(unusual, student)["source"]
    told = " ".join(unusual.results[student]["repairs"])
    assert ("for a person to look" in told) == (student != "in its cell")


@pytest.mark.parametrize("student", ["nothing", "experiments"])
def test_where_nothing_is_written_nobody_has_to_look(unusual: GradedClass, student: str) -> None:
    assert not row(unusual, student).cells["why"].waiting
    assert unusual.results[student]["repairs"] == []


@pytest.mark.parametrize("student", ["photo in the folder", "scan in the folder", "scan alone"])
def test_a_paper_that_was_handed_in_waits_where_nothing_is_written(
    unusual: GradedClass, student: str
) -> None:
    assert row(unusual, student).cells["why"].waiting
    (name,) = PAPERS[student].keys() - {"tiny.ipynb"}
    assert name in " ".join(unusual.results[student]["repairs"])
    assert (unusual.course / "submitted" / student / "tiny" / name).exists()


@pytest.mark.parametrize("student", ["photo in the folder", "named and there"])
def test_a_photo_that_was_handed_in_is_drawn_anew(unusual: GradedClass, student: str) -> None:
    folder = unusual.course / "autograded" / student / "tiny" / "pictures"
    assert len(list(folder.iterdir())) == 1
    assert "ask for it" not in " ".join(unusual.results[student]["repairs"])


def test_two_papers_of_one_name_are_two_answers(unusual: GradedClass) -> None:
    texts = {cell(unusual, student)["source"] for student in ("scan in the folder", "another scan")}
    assert len(texts) == 2
    assert all("why.pdf" in text for text in texts)


def test_a_readme_and_data_are_no_answer(unusual: GradedClass) -> None:
    assert not row(unusual, "readme and data").cells["why"].waiting


@pytest.mark.parametrize("student", ELSEWHERE)
def test_a_stub_does_not_go_before_a_function_that_stands_elsewhere(
    unusual: GradedClass, student: str
) -> None:
    found = row(unusual, student).cells["scaled-check"]
    assert (found.score, found.waiting) == (found.max_score, False)
    assert "as it was released" in " ".join(unusual.results[student]["repairs"])


def test_the_code_between_fences_is_run_where_the_cell_has_become_markdown(unusual: GradedClass) -> None:
    assert row(unusual, "fence alone").cells["scaled-check"].score == 4.0
    assert cell(unusual, "fence alone", "scaled")["source"] == right()["scaled"]


@pytest.mark.parametrize("student", NOT_CALLED)
def test_a_function_that_cannot_be_called_where_it_stands_waits(unusual: GradedClass, student: str) -> None:
    assert row(unusual, student).cells["scaled-check"].waiting
    assert "but is no function that can be called" in " ".join(unusual.results[student]["repairs"])
    assert not row(unusual, student).cells["moments-check"].waiting


def test_a_photo_alone_waits_where_the_text_is_as_it_was_released(unusual: GradedClass) -> None:
    assert row(unusual, "photo attached and not named").cells["why"].waiting
    assert cell(unusual, "photo attached and not named")["attachments"]


def test_a_photo_that_code_shows_from_a_file_that_is_not_there_is_asked_for(unusual: GradedClass) -> None:
    assert row(unusual, "photo named in code").cells["why"].waiting
    told = " ".join(unusual.results["photo named in code"]["repairs"])
    assert "the picture sheet.jpg is a file beside the notebook and was not taken: ask for it" in told


@pytest.mark.parametrize("student", ["photo", "photo in a new cell", "photo shown by code"])
def test_a_photo_is_kept_drawn_anew_small_and_without_its_metadata(
    unusual: GradedClass, student: str
) -> None:
    assert row(unusual, student).cells["why"].waiting
    shown = cell(unusual, student)
    ((name, forms),) = shown["attachments"].items()
    assert f"(attachment:{name})" in shown["source"]
    image = Image.open(io.BytesIO(base64.b64decode(next(iter(forms.values())))))
    assert max(image.size) == SIDE
    assert not image.getexif()
    beside = list((unusual.course / "autograded" / student / "tiny" / "pictures").iterdir())
    assert base64.b64decode(next(iter(forms.values()))) in [path.read_bytes() for path in beside]


def test_the_desk_shows_a_photo_as_it_was_drawn_anew_and_says_which_it_cannot_show(
    unusual: GradedClass,
) -> None:
    answers = "/a/tiny/by-hand/why/answer"
    with running(unusual.course) as desk:
        desk.sign_in()
        groups = desk.get(f"{answers}s").values["groups"]
        keys = {name: group["key"] for group in groups for name in group["names"]}
        shown = {name: desk.get(f"{answers}/{key}").values for name, key in keys.items()}
        (digest,) = shown["photo"]["pictures"]
        picture = desk.get(f"{answers}/{keys['photo']}/{digest}")
        elsewhere = desk.get(f"{answers}/{keys['photo']}/{'0' * 64}")
        stranger = desk.get(f"{answers}/{keys['photo']}/{digest}", Cookie=None)
    assert (picture.headers["Content-Type"], elsewhere.status, stranger.status) == ("image/png", 404, 403)
    assert max(Image.open(io.BytesIO(picture.body)).size) == SIDE
    assert shown["photo"]["typed"] == "[sheet.jpg]"
    assert shown["photo"]["lost"] == shown["in its cell"]["pictures"] == []
    assert "cannot be opened" in shown["broken photo"]["lost"][0]
    assert "sheet.jpg is a file beside" in shown["photo beside"]["lost"][0]


@pytest.mark.parametrize(
    ("student", "words"), [("broken photo", "it is damaged"), ("photo beside", "sheet.jpg is a file beside")]
)
def test_a_photo_that_cannot_be_shown_is_asked_for(unusual: GradedClass, student: str, words: str) -> None:
    assert row(unusual, student).cells["why"].waiting
    (told,) = unusual.results[student]["repairs"]
    assert words in told
    assert "ask for it" in told
    assert command("feedback", "tiny", "--course", unusual.course).returncode == 0
    page = (unusual.course / "feedback" / student / "tiny" / "tiny.html").read_text("utf-8")
    assert "show it to your instructor" in page  # who would not know whom to ask
    assert "ask for it" not in page


def test_a_function_in_the_check_cell_is_run_and_told(unusual: GradedClass) -> None:
    result = unusual.results["function in the check cell"]
    assert result["score"] == result["questions"][0]["max_score"] + 6.0
    assert "code that had been typed into the check cell of scaled" in " ".join(result["repairs"])
    assert not row(unusual, "function in the check cell").cells["scaled-check"].waiting


def test_where_it_is_not_right_a_person_looks(unusual: GradedClass) -> None:
    found = row(unusual, "wrong one there").cells["scaled-check"]
    assert found.waiting
    assert found.score < found.max_score


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        b"<svg onload='alert(1)'/>",
        b"\0\0\0\x18ftypheic",
        b"BM" + b"\xff" * 60,
    ],
)
def test_bytes_that_are_no_picture_give_a_sentence(data: bytes) -> None:
    drawn = redrawn(RawPicture("x", base(data)))
    assert drawn.data == ""
    assert drawn.problem


def test_a_picture_that_unpacks_to_gigabytes_is_not_opened() -> None:
    file = io.BytesIO()
    Image.new("1", (60_000, 60_000)).save(file, "PNG")
    (drawn,) = safe([RawPicture("bomb", base(file.getvalue()))])
    assert drawn.problem


def test_a_picture_stands_upright(tmp_path: Path) -> None:
    image = Image.new("RGB", (40, 20), "red")
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif)
    drawn = redrawn(RawPicture("x", base(file.getvalue())))
    assert Image.open(io.BytesIO(base64.b64decode(drawn.data))).size == (20, 40)
