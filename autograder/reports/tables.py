"""Tables that scroll by themselves on a narrow screen, and may be sorted and filtered."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files


def table(caption: str, header: Sequence[str], lines: Sequence[str], sortable: str = "") -> str:
    """Return a table.

    Parameters
    ----------
    header : names of the columns; one with # before it heads numbers
    lines : the rows as HTML
    sortable : what the rows are, such as "students", if the table is to sort and filter
    """
    heads = "".join(
        f'<th scope="col" class="number">{escape(name[1:])}</th>'
        if name.startswith("#")
        else f'<th scope="col">{escape(name)}</th>'
        for name in header
    )
    kind = f' class="sortable" data-noun="{escape(sortable, quote=True)}"' if sortable else ""
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(caption, quote=True)}">'
        f"<table{kind}><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def script() -> str:
    """Return the script that sorts and filters."""
    return files(__package__).joinpath("tables.js").read_text(encoding="utf-8")
