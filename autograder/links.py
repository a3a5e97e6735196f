"""From a label of the book to the address of its place."""

from __future__ import annotations

import os

from autograder import __version__

LOCAL_BOOK = "http://localhost:8000/book"  # where `make serve` shows it
WHEEL = f"gmm_course-{__version__}-py3-none-any.whl"  # the student's package; pip insists on such a name

# Labels of equations. The others belong to sections and theorems, whose anchor is the label itself.
EQUATIONS = frozenset(
    {
        "kmeans-assign",
        "kmeans-update",
        "kmeans-distortion",
        "soft-gaussian",
        "soft-mixture",
        "soft-responsibilities",
        "em-e-step",
        "em-m-step",
        "em-weights",
        "em-means",
        "em-covariances",
        "numerics-log-sum-exp",
        "numerics-statistics",
        "starts-kmeans-plus-plus",
        "collapse-map",
        "labels-bhattacharyya",
        "labels-matching",
        "missing-conditional",
        "missing-e-step",
        "missing-m-step",
        "scale-merge",
        "selection-n-parameters",
        "selection-aic",
        "selection-bic",
        "selection-icl",
    }
)


def book_url(label: str, base: str | None = None) -> str:
    """The address of an equation, section or page of the book.

    Parameters
    ----------
    label : such as "em-m-step": the page is the part before the first dash
    base : address of the folder that holds the book's index.html; None for the variable GMM_COURSE_BOOK, or
        else the local server of `make serve`
    """
    topic, dash, _ = label.partition("-")
    page = f"{_folder(base)}/book/{topic}.html"
    if not dash:
        return page
    return f"{page}#equation-{label}" if label in EQUATIONS else f"{page}#{label}"


def wheel_url(base: str | None = None) -> str:
    """The address that `pip install` takes the student's package from; `base` as for book_url."""
    return f"{_folder(base)}/_static/runtime/{WHEEL}"


def _folder(base: str | None) -> str:
    return (os.environ.get("GMM_COURSE_BOOK", LOCAL_BOOK) if base is None else base).rstrip("/")
