"""What students get wrong in soft.log_gaussian: the shared catalogue of densities is the whole of it."""

from __future__ import annotations

from autograder.questions.mistakes.densities import wrong

__all__ = ["wrong"]
