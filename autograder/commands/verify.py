"""The command `autograder verify`: whether a receipt is genuine, and of what counts and was graded."""

from __future__ import annotations

from pathlib import Path

from autograder.collect.attempts import attempts_of
from autograder.collect.placing import placed
from autograder.collect.receipts import Receipt, read, sha256_of
from autograder.commands.terminal import plain
from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.results import read_recorded
from autograder.course.seed import digest_and_draws
from autograder.intake.folder import MAX_BYTES, digest_of, read_files, read_line

LONGEST = 1_000_000  # bytes of a receipt, with the mail around it


def verify_receipt(course: Course, path: Path, file: Path | None) -> int:
    """Print what a receipt is worth; return 0 if it is genuine and of what counts, and FILE is in it."""
    receipt = read(course, _bytes(path, LONGEST).decode("utf-8", "replace"))
    digest = sha256_of(_bytes(file, MAX_BYTES)) if file is not None else ""
    if receipt is None:
        print(f"NOT genuine: this course never signed it so, or it was changed. Its seed is {course.seed}.")
        return 1
    who = f"{plain(receipt.student)} handed in attempt {receipt.attempt} of {receipt.assignment}"
    print(f"Genuine: {who}, received {receipt.received}.")
    for name, known in receipt.files:
        print(f"  {plain(name)}   SHA-256 {known}")
    print(f"To be graded: {plain(receipt.graded)}.")
    said = [_about_file(receipt, str(file), digest)] if file is not None else []
    said += [_about_counting(course, receipt)]
    if said[-1][0]:
        said += [_about_grade(course, receipt)]
    for good, sentence in said:
        print(("" if good else "BUT: ") + sentence)
    return 0 if all(good for good, _ in said) else 1


def _about_file(receipt: Receipt, file: str, digest: str) -> tuple[bool, str]:
    names = [name for name, known in receipt.files if known == digest]
    if names:
        return True, f"{file} is the file {plain(names[0])} of this receipt, byte by byte."
    return False, f"{file} is not in this receipt: its SHA-256 is {digest}."


def _about_counting(course: Course, receipt: Receipt) -> tuple[bool, str]:
    """Say whether this attempt is the one that counts."""
    attempts = attempts_of(course, receipt.assignment, receipt.student)
    known = {attempt.number: attempt for attempt in attempts}
    own = known.get(receipt.attempt)
    if own is None or sorted(file.sha256 for file in own.files) != sorted(dict(receipt.files).values()):
        return False, "this attempt is no longer kept in .autograder/attempts. Look into your backup."
    counts = placed(course, receipt.assignment, receipt.student)
    if counts is not None and counts.number != own.number:
        other = known.get(counts.number)
        received = f", received {other.received}" if other is not None else ""
        return False, f"attempt {counts.number} counts instead of this one{received}."
    return True, f"It is the attempt that counts, of {len(attempts)}."


def _about_grade(course: Course, receipt: Receipt) -> tuple[bool, str]:
    """Say whether what was graded is what this receipt names."""
    root, parts = course.folder("submitted"), [receipt.student, receipt.assignment]
    files = read_files(root, parts)
    if sorted(sha256_of(file.data) for file in files) != sorted(digest for _, digest in receipt.files):
        return False, f"{'/'.join(['submitted', *parts])} holds other files than this receipt names."
    recorded = read_recorded(course, receipt.assignment, receipt.student)
    if recorded is None:
        return True, "It has not been graded yet."
    digest = digest_of(files, read_line(root, parts, "timestamp.txt"))
    if digest_and_draws(recorded.attempt)[0] != digest:
        return False, (
            "what was graded last is another file, or had another time of handing in. "
            f"Type: autograder grade {receipt.assignment}"
        )
    result = recorded.result
    return True, f"It is what was graded: {result.score:.4g} of {result.max_score:g} points by the machine."


def _bytes(path: Path, most: int) -> bytes:
    if not path.is_file():
        raise CourseError(f"{path} is a folder." if path.is_dir() else f"There is no file {path}.")
    if path.stat().st_size > most:
        raise CourseError(f"{path} is larger than {most // 10**6} MB, which no receipt and no hand-in is.")
    return path.read_bytes()
