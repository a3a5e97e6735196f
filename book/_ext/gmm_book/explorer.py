"""Live figures: a sentence and a button, then the reader moves the picture; see js/exercise/explorers.js."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from .exercise import card_address
from .lesson import box


class Explorer(SphinxDirective):
    """`{explorer} em`: the live figure of that name; the body says what can be moved and what to look for."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return a box that a browser with scripts shows, or nothing where nothing runs."""
        address = card_address(self.env.app)
        if not address:
            return []
        where = "../" * self.env.docname.count("/") + address
        place = box(
            classes=["explorer"], attributes={"data-explorer": self.arguments[0], "data-runtime": where}
        )
        self.state.nested_parse(self.content, self.content_offset, place)
        return [place]


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("explorer", Explorer)
