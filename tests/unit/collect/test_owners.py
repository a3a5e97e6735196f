"""Two students of one full name: an archive's numbers tell them apart, and nobody overwrites anybody."""

from __future__ import annotations

import zipfile
from pathlib import Path

from autograder.collect.collecting import Collected, from_directory, from_zip
from autograder.collect.owners import label_of
from autograder.course.directory import Course, init
from autograder.course.people import Known, Roster, write_roster


def course_in(folder: Path) -> Course:
    return init(folder / "course")


def archive(folder: Path, files: dict[str, str]) -> Path:
    path = folder / "moodle.zip"
    with zipfile.ZipFile(path, "w") as opened:
        for name, text in files.items():
            opened.writestr(name, text)
    return path


def collected(course: Course, folder: Path, *numbers: int) -> Collected:
    """Anna Meiers with these numbers, and Bob; each one's file holds the number."""
    files = {f"Anna Meier_{number}_assignsubmission_file/em.ipynb": f"{number}" for number in numbers}
    return from_zip(course, "em", archive(folder, {**files, "Bob_1_assignsubmission_file/em.ipynb": "1"}))


def contents(course: Course) -> dict[str, str]:
    return {path.parts[-3]: path.read_text() for path in course.folder("submitted").glob("*/em/*")}


def test_two_of_one_name_in_an_archive_get_an_id_each_and_the_instructor_is_told(tmp_path: Path) -> None:
    course = course_in(tmp_path)
    taken = collected(course, tmp_path, 17, 18)
    assert contents(course) == {"Anna Meier 17": "17", "Anna Meier 18": "18", "Bob": "1"}
    assert taken.students == ("Anna Meier 17", "Anna Meier 18", "Bob")
    (note,) = taken.notes
    assert "several students are called Anna Meier" in note
    assert "Anna Meier 17 and Anna Meier 18" in note
    assert "em-who.csv" in note


def test_who_is_called_like_another_one_s_folder_does_not_get_into_it(tmp_path: Path) -> None:
    folder = "Ada_4711_assignsubmission_file"
    files = {f"{folder}/em.ipynb": "ada", f"{folder}_12_assignsubmission_file/em.ipynb": "eve"}
    course = course_in(tmp_path)
    assert from_zip(course, "em", archive(tmp_path, files)).notes == ()
    assert contents(course) == {"Ada": "ada", folder: "eve"}


def test_a_file_that_is_named_after_two_is_asked_about(tmp_path: Path) -> None:
    name = "Ada_4711_assignsubmission_file_"
    files = {f"{name}em.ipynb": "ada", f"{name}12_assignsubmission_file_em.ipynb": "eve"}
    (note,) = from_zip(course_in(tmp_path), "em", archive(tmp_path, files)).notes
    assert "was taken for Ada 4711's, and names somebody else, too. Whose is it?" in note


def test_a_namesake_who_hands_in_later_takes_nobody_s_place(tmp_path: Path) -> None:
    course = course_in(tmp_path)
    assert collected(course, tmp_path, 17).notes == ()
    assert len(collected(course, tmp_path, 18).notes) == 1
    assert contents(course) == {"Anna Meier": "17", "Anna Meier 18": "18", "Bob": "1"}
    assert len(collected(course, tmp_path, 17, 18).notes) == 1
    assert contents(course) == {"Anna Meier": "17", "Anna Meier 18": "18", "Bob": "1"}


def test_who_is_not_in_the_roster_is_told_until_the_table_says_whose_it_is(tmp_path: Path) -> None:
    course = course_in(tmp_path)
    known = (Known("am", last_name="Meier-Lopez"), Known("Bob", first_name="Bob"))
    write_roster(course, Roster({person.id: person for person in known}))
    (note,) = collected(course, tmp_path, 17).notes
    assert note.startswith("not in the roster: Anna Meier")
    assert "Bob" not in note
    table = course.root / "em-who.csv"
    head, line = table.read_text(encoding="utf-8").splitlines()
    table.write_text(f"{head}\n{line}am\n", encoding="utf-8")
    assert collected(course, tmp_path, 17).notes == ()
    assert contents(course) == {"am": "17", "Bob": "1"}


def test_moodle_s_folders_leave_out_letters_and_the_roster_is_read_in_the_same_way(tmp_path: Path) -> None:
    course = course_in(tmp_path)
    names = {"so": "Siobhán O'Neil", "lg": "Łukasz Groß", "cd": "Cy_Dee", "mo": "Mo O'Dea", "ma": "Mo ODea"}
    write_roster(course, Roster({student: Known(student, name) for student, name in names.items()}))
    folders = ("Siobhán ONeil_1", "Łukasz Groß_2", "Cy Dee_3", "Mo ODea_4")
    files = {f"{folder}_assignsubmission_file/em.ipynb": folder for folder in folders}
    (note,) = from_zip(course, "em", archive(tmp_path, files)).notes
    assert note.startswith("not in the roster: Mo ODea 4.")  # one of two, and nothing says which
    assert contents(course) == {
        "so": "Siobhán ONeil_1",
        "lg": "Łukasz Groß_2",
        "cd": "Cy Dee_3",
        "Mo ODea": "Mo ODea_4",
    }


def test_files_and_written_text_of_one_person_stay_together(tmp_path: Path) -> None:
    course = course_in(tmp_path)
    for part, name in (("file", "em.ipynb"), ("onlinetext", "em-old.ipynb")):
        folder = tmp_path / "in" / f"Anna Meier_17_assignsubmission_{part}"
        folder.mkdir(parents=True)
        (folder / name).write_text(part, encoding="utf-8")
    taken = from_directory(course, "em", tmp_path / "in")
    assert (taken.students, taken.notes) == (("Anna Meier",), ())
    files = {path.name: path.read_text() for path in course.folder("submitted").glob("Anna Meier/em/*")}
    assert files == {"em.ipynb": "file", "em-old.ipynb": "onlinetext"}


def test_archives_without_folders_are_told_apart_too_and_no_file_is_lost(tmp_path: Path) -> None:
    course = course_in(tmp_path)
    names = {
        "Anna Meier_17_assignsubmission_file_em.ipynb": "17",
        "Anna Meier_17_assignsubmission_file_em (1).ipynb": "17",
        "Anna Meier_18_assignsubmission_file_em.ipynb": "18",
        "meieranna_LATE_901_77_em.ipynb": "901",
        "meieranna_902_78_em.ipynb": "902",
    }
    taken = from_zip(course, "em", archive(tmp_path, names))
    assert taken.students == ("Anna Meier 17", "Anna Meier 18", "meieranna 901", "meieranna 902")
    assert {student: text.split()[0] for student, text in contents(course).items()} == {
        student: student.split()[-1] for student in taken.students
    }
    assert len(list(course.folder("submitted").glob("Anna Meier 17/em/*.ipynb"))) == 2


def test_what_a_student_writes_into_a_file_s_name_does_not_make_it_another_student_s(tmp_path: Path) -> None:
    course = course_in(tmp_path)
    names = {
        "em_alice_attempt_2026-11-01-10-00-00_em.ipynb": "alice",
        "em_bob_attempt_2026-11-01-11-00-00_y_alice_attempt_2026-11-02-00-00-00_em.ipynb": "bob",
        "em_carl_attempt_2026-11-01-11-00-00_7_8_em.ipynb": "carl",
        "em_dora_attempt_2026-11-01-11-00-00_x_assignsubmission_file_em.ipynb": "dora",
    }
    taken = from_zip(course, "em", archive(tmp_path, names))
    assert taken.students == ("alice", "bob", "carl", "dora")
    assert contents(course) == {name: name for name in taken.students}


def test_names_that_only_cleaning_makes_equal_stay_two_people(tmp_path: Path) -> None:
    course = course_in(tmp_path)
    names = {f"{name}/em.ipynb": name for name in ('a"b', "a_b", "ada ", "ada")}
    taken = from_zip(course, "em", archive(tmp_path, names))
    assert contents(course) == {"a_b": "a_b", "a_b (2)": 'a"b', "ada": "ada", "ada (2)": "ada "}
    assert len([note for note in taken.notes if "somebody else's name" in note]) == 2


def test_attempts_of_brightspace_are_in_the_order_of_time_in_any_language() -> None:
    times = (
        "Nov 28, 2026 1259 AM",
        "28 november, 2026 9 05",
        "Nov 28, 2026 1230 PM",
        "28 nov. 2026 1405",
        "Dezember 1, 2026 805 AM",
        "2 décembre 2026 0700",
    )
    tags = [label_of(f"12-34 - Ada Eins - {time}").tag for time in times]
    assert tags == sorted(tags)
    assert len(set(tags)) == len(times)
