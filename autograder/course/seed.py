"""Secret inputs: exactly repeatable, and different for every question, student and attempt."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from autograder.course.files import replace_file

SEED_BYTES = 32


def create_seed(path: Path) -> None:
    """Write 32 random bytes that only the owner may read; an existing seed stays."""
    if not path.exists():
        replace_file(path, os.urandom(SEED_BYTES), 0o600)


def read_seed(path: Path) -> bytes:
    """Return the course's seed.

    Raises
    ------
    ValueError
        If the file does not hold 32 bytes.
    """
    seed = path.read_bytes()
    if len(seed) != SEED_BYTES:
        raise ValueError(f"{path} must hold {SEED_BYTES} bytes, not {len(seed)}")
    return seed


def attempt_of(digest: str, draws: int) -> str:
    """Return an attempt's name: the digest of what was handed in, and how often inputs were drawn anew."""
    return f"{digest}+{draws}" if draws else digest


def digest_and_draws(attempt: str) -> tuple[str, int]:
    """Return what an attempt's name was made of: the digest, and how often inputs were drawn anew."""
    digest, _, draws = attempt.partition("+")
    return digest, int(draws or 0)


def entropy(seed: bytes, assignment: str, question: str, student: str, attempt: str) -> int:
    """Return where random numbers start: HMAC-SHA256 of what they are for; it tells nothing of the seed."""
    message = b"".join(
        len(part).to_bytes(8, "big") + part
        for part in (
            text.encode("utf-8", "surrogatepass") for text in (assignment, question, student, attempt)
        )
    )
    return int.from_bytes(hmac.digest(seed, message, hashlib.sha256), "big")
