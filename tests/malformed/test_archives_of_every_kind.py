"""Archives as systems, Windows, macOS and people make them: everybody in them has a row, rightly named."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from functools import partial
from pathlib import Path
from unicodedata import normalize

import pytest

from autograder.collect.attempts import attempts_of
from autograder.collect.collecting import Collected, from_directory, from_zip
from autograder.collect.roster import merged, read_table
from autograder.course.directory import Course, init
from autograder.course.errors import CourseError
from autograder.course.people import Key, Known, Roster, read_keys, write_keys, write_roster

FILES = "_assignsubmission_file_"
COLUMN = "Homework 1_{}_attempt_2026-11-30-1{}-00-00{}"


def archive(names: list[str]) -> bytes:
    """An archive of these files and folders; a name with a bar has what stands behind it in its file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        for name in names:
            place, _, content = name.partition("|")
            opened.writestr(zipfile.ZipInfo(place), content)
    return file.getvalue()


def without_a_mark(names: list[bytes]) -> bytes:
    """An archive whose names are bytes that nothing says the letters of, as Windows makes it."""
    out, directory = b"", b""
    for name in names:
        sizes = struct.pack("<III", zlib.crc32(b""), 0, 0)
        place = len(out)
        out += struct.pack("<IHHHHH", 0x04034B50, 20, 0, 0, 0, 0x5A21) + sizes
        out += struct.pack("<HH", len(name), 0) + name
        directory += struct.pack("<IHHHHHH", 0x02014B50, 20, 20, 0, 0, 0, 0x5A21) + sizes
        directory += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, place) + name
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(names), len(names), len(directory), len(out), 0)
    return out + directory + end


def of_the_class(folder: Path) -> Course:
    course = init(folder / "course")
    (folder / "class.csv").write_text(CLASS, encoding="utf-8")
    write_roster(course, merged(Roster(), read_table(folder / "class.csv").people, (), set()))
    return course


def taken_in(folder: Path, content: bytes) -> tuple[Course, Collected]:
    course = init(folder / "course")
    (folder / "class.zip").write_bytes(content)
    return course, from_zip(course, "em", folder / "class.zip")


def files_of(course: Course) -> dict[str, list[str]]:
    return {
        place.name: sorted(path.name for path in place.glob("em/*"))
        for place in course.folder("submitted").iterdir()
    }


ARCHIVES = {
    "empty folders of Moodle": (
        [f"Ada_101{FILES}/", f"Bea_102{FILES}/em.ipynb", "Cem_103_assignsubmission_onlinetext_/"],
        {"Ada": [], "Bea": ["em.ipynb"], "Cem": []},
    ),
    "empty folders of students, in a folder": (
        ["x/", "x/ada/", "x/bea/em.ipynb", "x/bea/figures/", "x/cem/"],
        {"ada": [], "bea": ["em.ipynb"], "cem": []},
    ),
    "nobody handed in": ([f"Ada_101{FILES}/", f"Bea_102{FILES}/"], {"Ada": [], "Bea": []}),
    "what programs leave, and nothing else": (
        [
            "ada/work/em.ipynb",
            "bea/.ipynb_checkpoints/em-checkpoint.ipynb",
            "cem/.DS_Store",
            "__MACOSX/x/._y",
        ],
        {"ada": ["em.ipynb"], "bea": [], "cem": []},
    ),
    "user names of Blackboard with a _": (
        [
            COLUMN.format("ada_eins", 1, "_em.ipynb"),
            COLUMN.format("ada_eins", 1, ".txt"),
            COLUMN.format("bea_eins", 2, "_em.ipynb"),
            COLUMN.format("cem", 3, ".txt"),
        ],
        {"ada_eins": ["em.ipynb"], "bea_eins": ["em.ipynb"], "cem": [COLUMN.format("cem", 3, ".txt")]},
    ),
    "groups around Moodle's folders": (
        [
            f"Group A/Ada_101{FILES}/em.ipynb",
            f"Group A/Bea_102{FILES}/em.ipynb",
            f"Group B/Cem_103{FILES}/em.ipynb",
            f"Group B/Dan_104{FILES}/",
            "Group C/",
        ],
        {"Ada": ["em.ipynb"], "Bea": ["em.ipynb"], "Cem": ["em.ipynb"], "Dan": []},
    ),
    "groups around Moodle's files": (
        [f"A/Ada_101{FILES}em.ipynb", f"A/Bea_102{FILES}em.ipynb", f"B/Cem_103{FILES}em.ipynb"],
        {"Ada": ["em.ipynb"], "Bea": ["em.ipynb"], "Cem": ["em.ipynb"]},
    ),
    "groups around Canvas' files": (
        ["A/einsada_101_9001_em.ipynb", "A/zweibea_102_9002_em.ipynb", "B/dreicem_103_9003_em.ipynb"],
        {"dreicem": ["em.ipynb"], "einsada": ["em.ipynb"], "zweibea": ["em.ipynb"]},
    ),
    "one person's folders, named like another's submission": (
        [f"eve/bob_102{FILES}/em.ipynb", "bob/em.ipynb"],
        {"bob": ["em.ipynb"], "eve": ["em.ipynb"]},
    ),
    "one name in two normal forms, plain": (
        [normalize("NFC", "Zoë/em.ipynb"), normalize("NFD", "Zoë/em.ipynb"), "ada/em.ipynb"],
        {"Zoë": ["em (2).ipynb", "em.ipynb"], "ada": ["em.ipynb"]},
    ),
    "one name in two normal forms, with numbers": (
        [normalize("NFC", f"Zoë_1{FILES}/em.ipynb"), normalize("NFD", f"Zoë_2{FILES}/em.ipynb")],
        {"Zoë 1": ["em.ipynb"], "Zoë 2": ["em.ipynb"]},
    ),
    "a second copy in a folder": (
        [f"Ada_1{FILES}/em.ipynb", f"Ada_1{FILES}/final/em.ipynb", f"Bea_2{FILES}/em.ipynb"],
        {"Ada": ["em (final).ipynb", "em.ipynb"], "Bea": ["em.ipynb"]},
    ),
    "seven folders deep": (
        ["ada/a/b/c/d/e/f/g/em.ipynb", "bea/em.ipynb"],
        {"ada": ["em.ipynb"], "bea": ["em.ipynb"]},
    ),
}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_everybody_in_an_archive_has_a_row_and_every_notebook_is_kept(kind: str, tmp_path: Path) -> None:
    names, wanted = ARCHIVES[kind]
    course, collected = taken_in(tmp_path, archive(names))
    assert files_of(course) == wanted
    assert set(collected.students) == set(wanted)


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp850", ["Jörg Größe", "Ümit Äß", "José Núñez"]),
        ("cp1252", ["Jörg Größe", "Ümit – Äß", "José Núñez"]),
        ("cp866", ["Иван Петров", "Ольга"]),
        ("cp1250", ["Wałęsa", "Čapek"]),
        ("shift_jis", ["田中太郎", "鈴木"]),
        ("gbk", ["王芳", "李明"]),
    ],
)
def test_names_without_a_mark_are_read_in_the_letters_that_fit_and_it_is_said(
    encoding: str, names: list[str], tmp_path: Path
) -> None:
    entries = [f"{name}/em.ipynb".encode(encoding) for name in names]
    course, collected = taken_in(tmp_path, without_a_mark(entries))
    assert sorted(files_of(course)) == sorted(names)
    assert f"are read as {encoding}" in collected.notes[0]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["A/ada/em.ipynb", "A/bea/em.ipynb", "B/cem/em.ipynb"], "A has notebooks of ada, bea"),
        (["A/ada.ipynb", "A/bea.ipynb", "B/cem.ipynb"], "A has notebooks of ada, bea"),
        (["A/ada/my work.ipynb", "A/bea/Untitled.IPYNB", "B/x.ipynb"], "A has notebooks of ada, bea"),
        (["em.ipynb", "em (1).ipynb", "ada.ipynb"], "nothing says whose em (1).ipynb is"),
    ],
)
def test_what_only_a_person_can_know_is_asked_first(names: list[str], words: str, tmp_path: Path) -> None:
    _, collected = taken_in(tmp_path, archive(names))
    assert collected.questions >= 1
    assert words in collected.notes[0]


CLASS = "id,first_name,last_name,email\nada,Ada,Eins,ada@example.org\nbea2,Bea,Müller,Bea@Example.org\n"
IN_A_CLASS = {
    "groups by id": ["A/ada/v2/em.ipynb", "A/ada/em.ipynb", "B/bea2/work.ipynb"],
    "groups with an empty folder": ["A/ada/em.ipynb", "A/bea2/"],
    "groups by name": ["A/Ada Eins.ipynb", "B/Bea Müller.ipynb"],
    "ILIAS": [
        "EM/Abgaben/Eins_Ada_ada_3/2026_em.ipynb",
        "EM/Abgaben/Mueller_Bea_bea2_302/x.py",
        "EM/x.xls",
    ],
    "Sakai": ["EM/Eins, Ada(ada)/files/em.ipynb", "EM/Müller, Bea(bea2)/comments.txt", "EM/grades.csv"],
    "addresses": ["ADA@example.org/em.ipynb", "bea@example.org/em.ipynb"],
}


@pytest.mark.parametrize("kind", IN_A_CLASS)
@pytest.mark.parametrize("unpacked", [False, True])
def test_people_of_the_roster_are_found_in_folders_of_every_kind(
    kind: str, unpacked: bool, tmp_path: Path
) -> None:
    course = of_the_class(tmp_path)
    (tmp_path / "class.zip").write_bytes(archive(IN_A_CLASS[kind]))
    if unpacked:
        zipfile.ZipFile(tmp_path / "class.zip").extractall(tmp_path / "in")
        collected = from_directory(course, "em", tmp_path / "in")
    else:
        collected = from_zip(course, "em", tmp_path / "class.zip")
    assert (set(collected.students), collected.questions) == ({"ada", "bea2"}, 0)


@pytest.mark.parametrize(
    "names",
    [
        ["eve/ada/em.ipynb", "bea2/em.ipynb"],  # in a folder of eve's is nobody else
        ["eve/ada/em.ipynb", "eve/x/em.ipynb", "eve/y/em.ipynb", "dan/em.ipynb"],
        ["Eins Ada/em.ipynb", "Ada Eins ada's copy/em.ipynb"],  # may be somebody else
    ],
)
def test_whose_a_folder_is_is_not_guessed(names: list[str], tmp_path: Path) -> None:
    course = of_the_class(tmp_path)
    (tmp_path / "class.zip").write_bytes(archive(names))
    collected = from_zip(course, "em", tmp_path / "class.zip")
    assert "ada" not in collected.students
    assert collected.questions


@pytest.mark.parametrize(
    ("content", "words", "remedy"),
    [
        (b"7z\xbc\xaf\x27\x1c" + bytes(90), "it is a 7z archive, and no zip", "--directory"),
        (b"\x1f\x8b\x08" + bytes(90), "it is a gzip archive, and no zip", "--directory"),
        (b"\n<!DOCTYPE html><title>Log in</title>", "it is a web page", "log in"),
        (archive(["ada/em.ipynb", "bea/em.ipynb"])[:-40], "it is cut off or damaged", "anew"),
    ],
)
def test_what_is_no_zip_is_told_for_what_it_is_with_a_remedy_that_works(
    content: bytes, words: str, remedy: str, tmp_path: Path
) -> None:
    with pytest.raises(CourseError, match=f"{words}.* Nothing was taken in; .*{remedy}"):
        taken_in(tmp_path, content)


def test_students_archives_in_an_archive_are_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="each archive in it into a folder of its own"):
        taken_in(tmp_path, archive(["ada.zip|PK", "bea.zip|PK"]))


def test_a_late_comer_s_user_name_is_the_one_known_from_before(tmp_path: Path) -> None:
    course = init(tmp_path / "course")
    for number, users in enumerate((["ada_eins", "bea_eins"], ["ada_eins"])):
        (tmp_path / str(number)).mkdir()
        for user in users:
            (tmp_path / str(number) / COLUMN.format(user, number, "_em.ipynb")).write_text(str(number))
        from_directory(course, "em", tmp_path / str(number))
    texts = {path.parts[-3]: path.read_text() for path in course.folder("submitted").glob("*/em/*.ipynb")}
    assert texts == {"ada_eins": "1", "bea_eins": "0"}


def test_one_number_under_another_name_is_asked_and_the_answer_joins_the_attempts(tmp_path: Path) -> None:
    """Names are corrected, people marry, and an archive's letters are guessed wrongly."""
    course, _ = taken_in(tmp_path, archive([f"Ada Eins_101{FILES}/em.ipynb|1", f"Bea_102{FILES}/em.ipynb|1"]))
    (tmp_path / "late.zip").write_bytes(archive([f"Ada Zwei_101{FILES}/em.ipynb|2"]))
    asked = from_zip(course, "em", tmp_path / "late.zip")
    assert "Ada Zwei has the number of Ada Eins, who was collected before" in asked.notes[0]
    assert asked.questions == 1
    table = course.root / "em-who.csv"
    table.write_text(table.read_text().replace("Ada Zwei,\n", "Ada Zwei,Ada Eins\n"))
    assert from_zip(course, "em", tmp_path / "late.zip").questions == 0
    assert course.students("em") == ("Ada Eins", "Bea")
    assert (course.folder("submitted") / "Ada Eins" / "em" / "em.ipynb").read_text() == "2"


# ------------------------------------------------------------------ several students, or none by name


def in_class(folder: Path, names: list[str]) -> tuple[Course, Collected]:
    course = of_the_class(folder)
    (folder / "x.zip").write_bytes(archive(names))
    return course, from_zip(course, "em", folder / "x.zip")


def answered(course: Course, folder: Path, table: bytes) -> Collected:
    (course.root / "em-who.csv").write_bytes(table)
    return from_zip(course, "em", folder / "x.zip")


def handed_in(course: Course) -> set[str]:
    return {name for name, files in files_of(course).items() if files}


GROUPS = [f"Group 1_4711{FILES}/em.ipynb", f"Default group{FILES}/em.ipynb"]
TITLES = "found,taken for,student\n"
ANSWERS = {
    "a semicolon": (TITLES + "Group 1 4711,Group 1,ada; bea2\n").encode(),
    "a space": (TITLES + "Group 1 4711,Group 1,ada bea2\n").encode(),
    "names and addresses": (TITLES + 'Group 1 4711,,"Eins, Ada; bea@example.org"\n').encode(),
    "two rows, other columns first": b"Student;Found\nada;Group 1 4711\nbea2;Group 1 4711\n;\n;\n",
    "Excel in Germany, one column": b"found,taken for,student;\nGroup 1 4711,Group 1,;ada, bea2\n",
    "Excel in Germany": 'found;taken for;student\nGroup 1 4711;Müll;"ada;bea2"\n'.encode("cp1252"),
    "Unicode text": "found\ttaken for\tstudent\nGroup 1 4711\t\tada; bea2\n".encode("utf-16"),
    "sep=": b"sep=;\r\nfound;taken for;student\r\nGroup 1 4711;;ada bea2\r\n",
}


@pytest.mark.parametrize("way", ANSWERS)
def test_a_groups_submission_is_each_members_and_its_number_is_no_participants(
    way: str, tmp_path: Path
) -> None:
    course, collected = in_class(tmp_path, GROUPS)
    assert collected.questions == 1
    answered(course, tmp_path, ANSWERS[way])
    assert handed_in(course) == {"ada", "bea2", "Default group"}
    assert not any(key.number for key in read_keys(course, "em").values())
    answered(course, tmp_path, b"found,student\nGroup 1 4711,ada\n")  # a slip put right
    assert handed_in(course) == {"ada", "Default group"}
    (course.root / "em-who.csv").unlink()
    from_zip(course, "em", tmp_path / "x.zip")
    assert handed_in(course) == {"ada", "Default group"}


def test_moodles_names_before_4_1_had_the_group_before_the_person(tmp_path: Path) -> None:
    names = ["Team-A-Ada Eins_1", "Team-A-Bea Müller_2", "Default group-Zoë_3"]
    course, _ = in_class(tmp_path, [f"{name}{FILES}/em.ipynb" for name in names])
    assert handed_in(course) == {"ada", "bea2", "Default group-Zoë"}
    (tmp_path / "other").mkdir()
    course, _ = in_class(tmp_path / "other", [f"Anna-Ada Eins_1{FILES}/em.ipynb"])
    assert handed_in(course) == {"Anna-Ada Eins"}


@pytest.mark.parametrize("word", ["Participant", "Teilnehmerin", "Kursmitglied"])
def test_anonymous_submissions_are_kept_by_number_until_moodle_shows_the_names(
    word: str, tmp_path: Path
) -> None:
    names = [f"{word}_{number}{FILES}/em.ipynb" for number in (90001, 90002, 90003)]
    course, collected = in_class(tmp_path, names)
    assert (collected.questions, collected.nameless) == (0, 3)
    assert handed_in(course) == {f"{word} 90001", f"{word} 90002", f"{word} 90003"}
    write_keys(course, "em", {"bea2": Key("moodle", "90002", "Bea Müller")})
    again = from_zip(course, "em", tmp_path / "x.zip")
    assert (again.questions, again.nameless) == (0, 2)
    assert handed_in(course) == {f"{word} 90001", "bea2", f"{word} 90003"}


def test_two_people_of_one_name_are_told_apart_by_a_worksheets_numbers(tmp_path: Path) -> None:
    course = init(tmp_path / "course")
    people = {"a1": Known("a1", "Anna Meier"), "a2": Known("a2", "Anna Meier")}
    write_roster(course, Roster(people))
    write_keys(
        course, "em", {"a1": Key("moodle", "17", "Anna Meier"), "a2": Key("moodle", "18", "Anna Meier")}
    )
    (tmp_path / "x.zip").write_bytes(archive([f"Anna Meier_{n}{FILES}/em.ipynb|{n}" for n in (17, 18)]))
    assert from_zip(course, "em", tmp_path / "x.zip").questions == 0
    texts = {name: (course.folder("submitted") / name / "em" / "em.ipynb").read_text() for name in people}
    assert texts == {"a1": "17", "a2": "18"}


def test_a_groups_number_that_is_somebodys_is_not_that_persons(tmp_path: Path) -> None:
    course = of_the_class(tmp_path)
    write_keys(course, "em", {"ada": Key("moodle", "4711", "Ada Eins")})
    (tmp_path / "x.zip").write_bytes(archive(GROUPS))
    assert from_zip(course, "em", tmp_path / "x.zip").questions == 1
    assert handed_in(course) == {"Group 1", "Default group"}
    answered(course, tmp_path, b"found,student\nGroup 1 4711,bea2\n")
    keys = read_keys(course, "em")
    assert (keys["ada"].number, keys["bea2"].number) == ("4711", "")


@pytest.mark.parametrize(
    ("student", "wanted", "note"),
    [
        ("12345", "0012345", "12345 is taken for 0012345"),
        ("1,23E+14", "Zoe", "1,23E+14 is nobody's name in the course"),
        ("0012346", "Zoe", "0012346 is nobody's name in the course"),
        ("Zoe", "Zoe", ""),
    ],
)
def test_an_answer_that_a_spreadsheet_has_changed_is_read_or_asked_again(
    student: str, wanted: str, note: str, tmp_path: Path
) -> None:
    course = init(tmp_path / "course")
    write_roster(course, Roster({"0012345": Known("0012345", "Ada Eins"), "7": Known("7", "Bea")}))
    (tmp_path / "x.zip").write_bytes(archive([f"Zoe_12{FILES}/em.ipynb"]))
    from_zip(course, "em", tmp_path / "x.zip")
    again = answered(course, tmp_path, f'found;student\nZoe 12;"{student}"\n'.encode())
    assert handed_in(course) == {wanted}
    assert any(note in said for said in again.notes) if note else again.notes == ()


def test_what_a_spreadsheet_made_of_a_name_is_that_name_or_is_told(tmp_path: Path) -> None:
    course, _ = in_class(tmp_path, [f"Wałęsa_12{FILES}/em.ipynb", f"3-4_13{FILES}/em.ipynb"])
    again = answered(course, tmp_path, b"found;student\nWa??sa 12;ada\n03. Apr;bea2\n")
    assert handed_in(course) == {"ada", "3-4"}
    assert any("03. Apr is nothing in here" in note for note in again.notes)


def test_a_table_saved_as_a_workbook_is_told(tmp_path: Path) -> None:
    course, _ = in_class(tmp_path, GROUPS)
    (course.root / "em-who.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(CourseError, match=r"em-who\.xlsx is a workbook, and is not read\. Save it as CSV"):
        from_zip(course, "em", tmp_path / "x.zip")


STAMP = "2026-11-2{} 10:00:00.123456 UTC"


@pytest.mark.parametrize("colon", [":", "_"])
def test_a_copy_of_nbgraders_inbound_folder_has_attempts_with_their_times(colon: str, tmp_path: Path) -> None:
    names = [f"ada+em+{STAMP.format(day)}{end}/em.ipynb|{day}" for day, end in ((8, "+x"), (9, ""))]
    names += [f"bea2+em+{STAMP.format(8)}+y/em.ipynb", f"bea2+km+{STAMP.format(8)}+y/km.ipynb"]
    course, collected = in_class(tmp_path, [name.replace(":", colon) for name in names])
    assert handed_in(course) == {"ada", "bea2"}
    assert collected.questions == 0
    assert sum("it is of km, and this is em" in note for note in collected.notes) == 1
    assert [str(one.time)[:13] for one in attempts_of(course, "em", "ada")] == [
        "2026-11-28 10",
        "2026-11-29 10",
    ]


def test_repositories_of_github_classroom_are_their_logins_owners(tmp_path: Path) -> None:
    course = init(tmp_path / "course")
    people = {"ada": Known("ada", github="Aei-34"), "bea": Known("bea", github="34"), "cy": Known("cy")}
    write_roster(course, Roster(people))
    names = [f"em-submissions/em-{login}/em.ipynb" for login in ("aei-34", "34", "nobody")]
    (tmp_path / "x.zip").write_bytes(archive(names))
    collected = from_zip(course, "em", tmp_path / "x.zip")
    assert handed_in(course) == {"ada", "bea", "em-nobody"}
    assert collected.questions == 1


NAMED = {
    "other files": (["ada.pdf", "bea2.zip", "x.pdf"], {"ada", "bea2"}),
    "other files in a folder": (["in/ada.docx", "in/Bea Müller_em.zip", "in/x.ipynb"], {"ada", "bea2", "x"}),
    "a form of Google's": (["em - Ada Eins.ipynb", "Untitled - Bea Müller.ipynb"], {"ada", "bea2"}),
    "a form of Microsoft's": (["em_Ada Eins.ipynb", "my_work_Bea Müller.ipynb"], {"ada", "bea2"}),
    "the last name first": (["Eins, Ada/em.ipynb", "Müller, Bea.ipynb"], {"ada", "bea2"}),
    "several names in one": (["ada_Bea Müller.ipynb", "Ada Eins - Bea Müller.ipynb"], None),
    "names without a comma": (["Eins Ada/em.ipynb", "Müller_Bea.ipynb"], None),
}


@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.parametrize("unpacked", [False, True])
def test_who_is_named_in_a_file_s_name_has_a_row_and_whom_it_may_mean_is_asked(
    kind: str, unpacked: bool, tmp_path: Path
) -> None:
    names, wanted = NAMED[kind]
    course = of_the_class(tmp_path)
    (tmp_path / "x.zip").write_bytes(archive(names))
    if unpacked:
        zipfile.ZipFile(tmp_path / "x.zip").extractall(tmp_path / "x")
    take = partial(from_directory, course, "em", tmp_path / "x") if unpacked else None
    collected = take() if take else from_zip(course, "em", tmp_path / "x.zip")
    if wanted is None:
        assert collected.questions >= 1
        assert not {"ada", "bea2"} & {*collected.students}
    else:
        assert handed_in(course) == wanted


@pytest.mark.parametrize("name", ["submitted", "release", "feedback", "."])
def test_the_courses_own_folders_are_no_collection(name: str, tmp_path: Path) -> None:
    course = of_the_class(tmp_path)
    (course.root / name / "ada" / "em").mkdir(parents=True)
    (course.root / name / "ada" / "em" / "em.ipynb").touch()
    with pytest.raises(CourseError, match=r"the course keeps what was collected|is the course's own\. Name"):
        from_directory(course, "em", course.root / name)
