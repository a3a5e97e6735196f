"""Attempts: all are kept, none twice; which one counts; what lies in submitted/ follows."""

from __future__ import annotations

import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from autograder.collect import who
from autograder.collect.attempts import (
    Attempt,
    File,
    attempts_of,
    folder_of,
    receipt_of,
)
from autograder.collect.collecting import Collected, from_directory, from_zip, no_deadline
from autograder.collect.counting import counting, refusal
from autograder.collect.owners import label_of, read_ids
from autograder.collect.placing import settle
from autograder.collect.receipts import read, sha256_of
from autograder.course.directory import Course, init
from autograder.settings import Settings

DUE = datetime(2026, 11, 30, 18)
WRITTEN = "2020-01-01 09:30 UTC"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return init(tmp_path / "course")


def at(hours: float, number: int, known: bool = True, files: int = 1, late: bool = False) -> Attempt:
    """An attempt so many hours after the deadline."""
    received = (DUE + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    handed = tuple(File(f"{index}.ipynb", "", "") for index in range(files))
    return Attempt(number, received, "exchange", received if known else "", "", late, handed, "")


def number(
    *attempts: Attempt, which: str = "last-in-time", due: datetime | None = DUE, **rules: object
) -> int:
    found = counting(attempts, which, due, replace(Settings(), **rules))  # type: ignore[arg-type]
    return found.number if found is not None else 0


def test_the_last_before_the_deadline_counts_and_if_none_is_the_last() -> None:
    assert number(at(-5, 1), at(-1, 2), at(3, 3)) == 2
    assert number(at(3, 1), at(5, 2)) == 2
    assert number(at(-1, 1), at(0, 2)) == 2  # on the second is in time
    assert number(at(-5, 1), at(-1, 2), at(3, 3), due=None) == 3
    assert number() == 0


def test_another_rule_is_another_attempt() -> None:
    several = (at(-5, 1), at(-1, 2), at(3, 3))
    assert [number(*several, which=which) for which in ("first", "last", "1", "4")] == [1, 3, 1, 0]


def test_a_time_that_nobody_knows_is_in_time_unless_the_system_marks_it_late() -> None:
    assert number(at(-5, 1), at(9, 2, known=False)) == 2
    assert number(at(-5, 1), at(9, 2, known=False, late=True)) == 1


def test_an_attempt_without_a_notebook_counts_only_if_there_is_no_other() -> None:
    assert number(at(-5, 1), at(-1, 2, files=0)) == 1
    assert number(at(-5, 1, files=0)) == 1


def test_what_comes_too_soon_or_is_one_too_many_does_not_count() -> None:
    several = (at(-5, 1), at(-4.5, 2), at(-4, 3), at(-3, 4))
    assert number(*several, cooldown_hours=1.0) == 4
    assert number(*several[:2], cooldown_hours=1.0) == 1
    assert number(*several, max_attempts=2) == 2
    assert number(*several, max_attempts=2, cooldown_hours=1.0) == 3  # the one that came too soon is none
    untimed = [at(-5 + i / 100, i + 1, known=False) for i in range(3)]  # collected one after another
    assert number(*untimed, cooldown_hours=1.0) == 3


def archive(folder: Path, files: dict[str, str]) -> Path:
    path = folder / "x.zip"
    with zipfile.ZipFile(path, "w") as opened:
        for name, text in files.items():
            opened.writestr(name, text)
    return path


def collected(course: Course, folder: Path, **files: str) -> Collected:
    """One file a student, by name."""
    return from_zip(course, "em", archive(folder, {f"{name}/em.ipynb": text for name, text in files.items()}))


def submitted(course: Course) -> dict[str, str]:
    return {path.parts[-3]: path.read_text() for path in course.folder("submitted").glob("*/em/*.ipynb")}


def test_what_is_handed_in_again_is_a_second_attempt_and_the_same_archive_is_none(
    course: Course, tmp_path: Path
) -> None:
    for text in ("one", "one", "two", "two", "one"):
        collected(course, tmp_path, ada=text)
        assert submitted(course) == {"ada": text}
    kept = attempts_of(course, "em", "ada")
    texts = ["one", "two", "one"]
    assert [attempt.files[0].sha256 for attempt in kept] == [sha256_of(text.encode()) for text in texts]
    assert [attempt.number for attempt in kept] == [1, 2, 3]
    for attempt, text in zip(kept, texts, strict=True):
        folder = folder_of(course, "em", "ada") / str(attempt.number) / "em"
        assert (folder / "em.ipynb").read_text() == text


def test_every_attempt_has_a_receipt_that_names_its_file(course: Course, tmp_path: Path) -> None:
    from_zip(course, "em", archive(tmp_path, {"einsada_101_9001_My homework.ipynb": "one"}))
    receipt = read(course, receipt_of(course, "em", "einsada", 1))
    assert receipt is not None
    assert (receipt.student, receipt.attempt) == ("einsada", 1)
    assert receipt.files == (("My homework.ipynb", sha256_of(b"one")),)


def test_a_time_that_the_instructor_wrote_stays_and_counts(course: Course, tmp_path: Path) -> None:
    collected(course, tmp_path, ada="one")
    stamp = course.folder("submitted") / "ada" / "em" / "timestamp.txt"
    stamp.write_text(WRITTEN, encoding="utf-8")
    collected(course, tmp_path, ada="one")
    assert stamp.read_text() == WRITTEN
    (attempt,) = attempts_of(course, "em", "ada")
    assert attempt.time == datetime(2020, 1, 1, 9, 30)
    collected(course, tmp_path, ada="two")
    assert not stamp.exists()
    assert settle(course, "em", "ada", no_deadline, "first") == attempt
    assert stamp.read_text() == WRITTEN


def test_what_lay_in_submitted_before_is_kept_as_an_attempt(course: Course, tmp_path: Path) -> None:
    folder = course.folder("submitted") / "ada" / "em"
    folder.mkdir(parents=True)
    (folder / "em.ipynb").write_text("by hand")
    collected(course, tmp_path, ada="two")
    assert submitted(course) == {"ada": "two"}
    assert len(attempts_of(course, "em", "ada")) == 2
    settle(course, "em", "ada", no_deadline, "1")
    assert submitted(course) == {"ada": "by hand"}


def test_an_attempt_that_a_person_chose_counts_until_a_person_chooses_again(
    course: Course, tmp_path: Path
) -> None:
    for text in ("one", "two"):
        collected(course, tmp_path, ada=text)
    settle(course, "em", "ada", no_deadline, "1")
    collected(course, tmp_path, ada="three")
    assert submitted(course) == {"ada": "one"}
    settle(course, "em", "ada", no_deadline, "last")
    assert submitted(course) == {"ada": "three"}


def test_a_link_in_the_place_of_a_submission_is_removed_and_not_followed(
    course: Course, tmp_path: Path
) -> None:
    collected(course, tmp_path, ada="one")
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "em.ipynb").write_text("mine")
    folder = course.folder("submitted") / "ada" / "em"
    shutil.rmtree(folder)
    folder.symlink_to(precious)
    collected(course, tmp_path, ada="two")
    assert submitted(course) == {"ada": "two"}
    assert (precious / "em.ipynb").read_text() == "mine"


def test_resubmissions_in_one_archive_are_attempts_of_one_student_in_the_order_of_time(
    course: Course, tmp_path: Path
) -> None:
    files = {
        "em_alovelace_attempt_2026-11-28-10-15-30_em.ipynb": "second",
        "em_alovelace_attempt_2026-11-27-10-15-30_em.ipynb": "first",
        "em_alovelace_attempt_2026-11-28-10-15-30.txt": "notes of the system",
    }
    for _ in range(2):
        from_zip(course, "em", archive(tmp_path, files))
    assert submitted(course) == {"alovelace": "second"}
    assert len(attempts_of(course, "em", "alovelace")) == 2


def test_an_anonymous_resubmission_in_canvas_is_the_same_student_s(course: Course, tmp_path: Path) -> None:
    from_zip(course, "em", archive(tmp_path, {"anon_Ab12x_700001_em.ipynb": "1", "anon_Cd_7_em.ipynb": "x"}))
    from_zip(
        course, "em", archive(tmp_path, {"anon_Ab12x_700009_em-1.ipynb": "2", "anon_Cd_7_em.ipynb": "x"})
    )
    assert submitted(course) == {"anon_Ab12x": "2", "anon_Cd": "x"}
    assert [len(attempts_of(course, "em", name)) for name in ("anon_Ab12x", "anon_Cd")] == [2, 1]


@pytest.mark.parametrize(
    ("name", "person", "number", "file"),
    [
        ("Ada Eins_101_assignsubmission_file_", "Ada Eins", "101", ""),
        ("Default group_assignsubmission_file_", "Default group", "", ""),
        ("mc_kay_ann_LATE_101_9001_em.ipynb", "mc_kay_ann", "101", "em.ipynb"),
        ("12345-678 - Ada Eins - Nov 28, 2026 1015 AM", "Ada Eins", "12345-678", ""),
        ("12345-678 - Ada Eins - 28 November, 2026 14 05", "Ada Eins", "12345-678", ""),
        ("12345-678- Ada Eins-Zwei - 28 nov. 2026 1405", "Ada Eins-Zwei", "12345-678", ""),
        ("12345-678 - Ada - B - März 28, 2026 905 AM - em.ipynb", "Ada - B", "12345-678", "em.ipynb"),
        ("team_2", "team_2", "", ""),
    ],
)
def test_each_system_s_names_are_read(name: str, person: str, number: str, file: str) -> None:
    label = label_of(name)
    assert (label.owner.name, label.owner.number, label.file) == (person, number, file)


def test_a_mark_of_lateness_and_another_name_of_the_file_are_told(course: Course, tmp_path: Path) -> None:
    files = {"einsada_LATE_101_9001_homework.ipynb": "1", "zweibea_102_9002_em.ipynb": "2"}
    collected = from_zip(course, "em", archive(tmp_path, files))
    assert collected.notes == ("marked as late by the system, which does not say when: einsada",)
    assert collected.renamed == ("einsada (homework.ipynb)",)
    assert collected.on_names == "1 notebook has another name, which does no harm"


def test_a_name_that_may_mean_another_file_is_a_note(course: Course, tmp_path: Path) -> None:
    released = course.root / "release" / "soft" / "soft.ipynb"
    released.parent.mkdir(parents=True)
    released.write_text("{}")
    files = {
        "einsada_101_9001_My-Soft-2.ipynb": "1",
        "zweibea_102_9002_soft_and_em.ipynb": "2",
        "dreicy_103_9003_one.ipynb": "3",
        "dreicy_103_9004_two.ipynb": "4",
    }
    collected = from_zip(course, "em", archive(tmp_path, files))
    (note,) = collected.notes
    assert note.startswith("taken as em.ipynb in spite of other names: dreicy (")
    assert "einsada (My-Soft-2.ipynb)" in note
    assert collected.renamed == ("zweibea (soft_and_em.ipynb)",)


def test_a_table_says_that_two_names_are_one_student(course: Course, tmp_path: Path) -> None:
    files = {
        f"{number}-1 - Ada Eins - Nov {day}, 2026 1015 AM/em.ipynb": f"{number}"
        for number, day in ((12, 9), (13, 10), (14, 8))
    }
    path = archive(tmp_path, files)
    (note,) = from_zip(course, "em", path).notes
    assert "em-who.csv" in note
    assert sorted(submitted(course)) == ["Ada Eins 12-1", "Ada Eins 13-1", "Ada Eins 14-1"]
    table = course.root / "em-who.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "\ufefffound,taken for,student"
    table.write_text("\n".join([lines[0], lines[1] + "ada", lines[2] + "ada", lines[3] + "eva"]))
    assert from_zip(course, "em", path).notes == ()
    assert submitted(course) == {"ada": "13", "eva": "14"}


def test_91_what_is_collected_at_the_same_time_is_all_known(course: Course, tmp_path: Path) -> None:
    sources = [tmp_path / f"{number}" for number in range(12)]
    for source in sources:
        (source / f"Ada Eins_{source.name}_assignsubmission_file").mkdir(parents=True)
        (source / f"Ada Eins_{source.name}_assignsubmission_file" / "em.ipynb").write_text(source.name)
    with ThreadPoolExecutor(len(sources)) as graders:
        list(graders.map(partial(from_directory, course, "em"), sources))
    ids = read_ids(course, "em")
    assert ids.keys() == {f"Ada Eins {source.name}" for source in sources}
    assert {student: ids[f"Ada Eins {text}"][0] for student, text in submitted(course).items()} == {
        student: student for (student,) in ids.values()
    }


def test_46_a_name_in_that_table_is_no_formula_and_is_known_again(course: Course) -> None:
    who.write_table(course, "em", {"=1+1 101": "=1+1", "Ada;=2 102": "Ada;=2"})
    table = course.root / "em-who.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    assert lines[1:] == ["'=1+1 101,'=1+1,", "Ada;'=2 102,Ada;'=2,"]
    table.write_text("\n".join([lines[0], lines[1] + "ada", lines[2] + "ben"]))
    assert who.read_table(course, "em") == {"=1+1 101": ["ada"], "Ada;=2 102": ["ben"]}


def test_a_student_with_attempts_and_hours_to_wait_is_told_so(course: Course, tmp_path: Path) -> None:
    collected(course, tmp_path, ada="one")
    assert refusal(course, "em", "ada", Settings()) == ""
    assert "All 1 attempts of em" in refusal(course, "em", "ada", Settings(max_attempts=1))
    assert "60 minutes from now" in refusal(course, "em", "ada", Settings(cooldown_hours=1.0))
    assert refusal(course, "em", "ben", Settings(max_attempts=1, cooldown_hours=1.0)) == ""


@pytest.mark.parametrize(
    ("encoding", "name"), [("gbk", "王芳"), ("cp1252", "Jörg Größe"), ("cp1251", "Иван")]
)
def test_names_in_the_letters_of_somebody_s_windows_are_guessed_told_and_corrected(
    encoding: str, name: str, course: Course, tmp_path: Path
) -> None:
    raw = name.encode(encoding)
    path = archive(tmp_path, {f"{'@' * len(raw)}/em.ipynb": "1", "ada/em.ipynb": "2"})
    path.write_bytes(path.read_bytes().replace(b"@" * len(raw), raw))
    notes = from_zip(course, "em", path).notes
    assert "--encoding" in notes[0]
    if encoding != "cp1251":  # nobody can tell Russian from Chinese in four letters
        assert encoding in notes[0]
        assert sorted(submitted(course)) == sorted(["ada", name])
    else:
        shutil.rmtree(course.folder("submitted"))
        course.folder("submitted").mkdir()
        assert from_zip(course, "em", path, encoding=encoding).notes == ()
        assert sorted(submitted(course)) == sorted(["ada", name])


def test_what_grading_wrote_goes_and_the_graded_notebook_stays_with_the_work(course: Course) -> None:
    for name in ("autograded", "feedback"):
        (course.folder(name) / "ann" / "em").mkdir(parents=True)
    folder_of(course, "em", "ann").mkdir(parents=True)
    assert not who.rename(course, "em", "eve", ["ben"])
    course.results("em").mkdir(parents=True)
    (course.results("em") / "ann.json").touch()
    assert who.rename(course, "em", "ann", ["ben", "cy"])
    assert [path.name for path in course.folder("autograded").glob("*/em")] == ["em"]
    assert (course.folder("autograded") / "ben" / "em").is_dir()
    assert not [*course.folder("feedback").glob("*/em"), *course.results("em").iterdir()]
