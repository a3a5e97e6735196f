"""Pictures for the page: what a notebook draws, as values and in a sentence."""

from autograder.check.drawing.recorder import Nothing, recording
from autograder.check.drawing.sentence import describe
from autograder.check.drawing.values import Panel

__all__ = ["Nothing", "Panel", "describe", "recording"]
