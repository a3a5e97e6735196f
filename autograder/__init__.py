"""From a submission to a grade: nbgrader's course, student code in a sandbox, every point with a reason."""

__version__ = "0.1.0"
