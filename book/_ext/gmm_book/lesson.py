"""Directives of a lesson: its head, statements and proofs, folds, interview questions."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective

LEVELS = {"1": "Level 1: first steps", "2": "Level 2: core", "3": "Level 3: advanced"}
STATEMENTS = ("theorem", "lemma", "proposition", "corollary", "definition", "example", "remark")
INTERVIEW_PARTS = ("Answer", "How to think about it", "The trap", "Follow-up")


class fold(nodes.General, nodes.Element):  # noqa: N801
    """Text behind a line that opens it: <details> with <summary>."""


class fold_title(nodes.General, nodes.TextElement):  # noqa: N801
    """The line that opens a fold."""


class second_reading(nodes.General, nodes.Element):  # noqa: N801
    """Mark in a section: what follows, up to the section's end, is for the second reading."""


class box(nodes.General, nodes.Element):  # noqa: N801
    """A <div> or <section> with attributes of its own."""


def _level(text: str) -> str:
    return directives.choice(text, tuple(LEVELS))


def notebook_minutes(root: Path, topic: str) -> int | None:
    """Minutes that the graded notebook of a lesson names for itself; None without a notebook."""
    source = root / "solutions" / topic / f"{topic}.py"
    if not source.exists():
        return None
    named = re.search(r"\*\*Time\*\* about (\d+) minutes", source.read_text("utf-8"))
    return int(named[1]) if named else None


class LessonHead(SphinxDirective):
    """What the lesson gives, what it asks for, how long it takes."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {
        "level": _level,
        "minutes": directives.positive_int,  # of the first reading
        "second": directives.positive_int,  # of all that is folded
        "before": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        """A box with the list of aims and one line of facts."""
        for option in ("level", "minutes", "before"):
            if option not in self.options:
                raise self.error(f"A lesson's head needs :{option}:.")
        topic = self.arguments[0]
        # What the reader's progress page needs to know of this lesson.
        self.env.metadata[self.env.docname]["lesson"] = topic
        head = box(classes=["lesson-head"], attributes={"data-lesson": topic})
        head += nodes.paragraph("", "What you will learn", classes=["lesson-head-title"])
        self.state.nested_parse(self.content, self.content_offset, head)
        head += nodes.paragraph("", " · ".join(self._facts(topic)), classes=["lesson-facts"])
        before = nodes.paragraph("", "", nodes.strong(text="Know before: "), classes=["lesson-before"])
        before += self.parse_inline(self.options["before"], lineno=self.lineno)[0]
        head += before
        return [head]

    def _facts(self, topic: str) -> list[str]:
        """Level, and how long the first reading, the second and the notebook take."""
        facts = [LEVELS[self.options["level"]], f"first reading {self.options['minutes']} minutes"]
        if second := self.options.get("second"):
            facts.append(f"what is folded, {second} more")
        if notebook := notebook_minutes(Path(self.env.srcdir), topic):
            self.env.note_dependency(str(Path(self.env.srcdir) / "solutions" / topic / f"{topic}.py"))
            facts.append(f"notebook {notebook} minutes")
        return facts


class SecondReading(SphinxDirective):
    """`{second-reading} Why EM is slow`: the rest of the section, cells too, goes behind a line."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """A mark that holds the line; FoldSecondReading does the folding when the page is complete."""
        title = fold_title("", "Second reading: ")
        title.extend(self.parse_inline(self.arguments[0], lineno=self.lineno)[0])
        return [second_reading("", title)]


class FoldSecondReading(SphinxTransform):
    """Puts what follows a mark in its section, subsections included, behind the mark's line."""

    default_priority = 850

    def apply(self, **kwargs: Any) -> None:
        """Move the nodes; a mark outside a section folds the rest of whatever holds it."""
        for mark in list(self.document.findall(second_reading)):
            parent = mark.parent
            position = parent.index(mark)
            rest = parent[position + 1 :]
            del parent[position:]
            parent += fold("", mark[0], *rest, classes=["second-reading"])


class Statement(SphinxDirective):
    """A theorem and its like: `{theorem} The likelihood never falls`, with `:label: em-monotone`."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar = {"label": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """A box whose first words are the kind and the name; a label makes it a target for {ref}."""
        kind = self.name.capitalize()
        title = nodes.paragraph("", "", nodes.strong(text=f"{kind} "), classes=["statement-title"])
        title += nodes.Text("(")
        name = self.parse_inline(self.arguments[0], lineno=self.lineno)[0]
        title.extend(name)
        title += nodes.Text(").")
        statement = box(classes=["statement", self.name])
        if label := self.options.get("label"):
            statement["ids"].append(label)
            text = f"{kind} ({''.join(part.astext() for part in name)})"
            domain = self.env.get_domain("std")
            domain.note_hyperlink_target(label, self.env.docname, label, text)  # type: ignore[attr-defined]
        statement += title
        self.state.nested_parse(self.content, self.content_offset, statement)
        return [statement]


class Proof(SphinxDirective):
    """A proof; `:folded:` puts it behind a line."""

    has_content = True
    option_spec: ClassVar = {"folded": directives.flag}

    def run(self) -> list[nodes.Node]:
        """The word Proof, the text, the tombstone (which style sheets add)."""
        proof: nodes.Element
        if "folded" in self.options:
            proof = fold("", fold_title("", "Proof"), classes=["proof"])
        else:
            proof = box("", nodes.paragraph("", "", nodes.emphasis(text="Proof.")), classes=["proof"])
        self.state.nested_parse(self.content, self.content_offset, proof)
        return [proof]


class Fold(SphinxDirective):
    """`{fold} Worked solution`: text that opens at a key or a click, and is open on paper."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        """The title is inline Markdown."""
        title = fold_title()
        title.extend(self.parse_inline(self.arguments[0], lineno=self.lineno)[0])
        folded = fold("", title)
        self.state.nested_parse(self.content, self.content_offset, folded)
        return [folded]


class TryIt(SphinxDirective):
    """An ungraded exercise; its worked solution goes into a `{fold}` behind it."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        """A box headed 'Try it', with a title of its own if there is one."""
        title = nodes.paragraph("", "", nodes.strong(text="Try it"), classes=["try-it-title"])
        if self.arguments:
            title += nodes.Text(": ")
            title.extend(self.parse_inline(self.arguments[0], lineno=self.lineno)[0])
        tried = box("", title, classes=["try-it"])
        self.state.nested_parse(self.content, self.content_offset, tried)
        return [tried]


class Interview(SphinxDirective):
    """One interview question; the body is a definition list with the four INTERVIEW_PARTS."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar = {
        "name": directives.unchanged_required,
        "topic": directives.unchanged,
        "level": _level,
    }

    def run(self) -> list[nodes.Node]:
        """A folded card; the script adds the self-rating."""
        for option in ("name", "topic", "level"):
            if option not in self.options:
                raise self.error(f"An interview question needs :{option}:.")
        holder = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, holder)
        terms = [term.astext() for term in holder.findall(nodes.term)]
        if tuple(terms) != INTERVIEW_PARTS:
            raise self.error(f"An interview question has the parts {INTERVIEW_PARTS}, not {terms}.")
        title = fold_title()
        title.extend(self.parse_inline(self.arguments[0], lineno=self.lineno)[0])
        name = self.options["name"]
        card = fold("", title, classes=["interview"], ids=[f"interview-{name}"])
        card["attributes"] = {
            "data-interview": name,
            "data-topic": self.options["topic"],
            "data-level": self.options["level"],
        }
        card.extend(holder.children)
        return [card]


class ProgressPage(SphinxDirective):
    """The place where the script draws the reader's progress."""

    def run(self) -> list[nodes.Node]:
        """Without scripts a sentence says why it is empty."""
        text = "A script keeps your progress in this browser. Scripts are off, so this page is empty."
        root = "../" * self.env.docname.count("/")
        data = f'<script src="{root}_static/js/course-data.js"></script>'
        return [nodes.raw("", f'<div id="progress-page"><p>{text}</p></div>{data}', format="html")]


def _attributes(node: nodes.Element) -> str:
    pairs = {"class": " ".join(node["classes"])} | node.get("attributes", {})
    if node["ids"]:
        pairs["id"] = node["ids"][0]
    return "".join(f' {name}="{html.escape(str(value))}"' for name, value in pairs.items() if value)


def _visit_box(translator: Any, node: nodes.Element) -> None:
    translator.body.append(f"<div{_attributes(node)}>\n")


def _depart_box(translator: Any, node: nodes.Element) -> None:
    translator.body.append("</div>\n")


def _visit_fold(translator: Any, node: nodes.Element) -> None:
    node["classes"].insert(0, "fold")
    # A printed page cannot be opened.
    state = " open" if translator.builder.name == "singlehtml" else ""
    translator.body.append(f"<details{_attributes(node)}{state}>\n")


def _depart_fold(translator: Any, node: nodes.Element) -> None:
    translator.body.append("</div></details>\n")


def _visit_title(translator: Any, node: nodes.Element) -> None:
    translator.body.append("<summary>")


def _depart_title(translator: Any, node: nodes.Element) -> None:
    translator.body.append('</summary><div class="fold-body">\n')


def _planned(app: Sphinx, env: Any, node: nodes.Element, text: nodes.Node) -> nodes.Node | None:
    """A reference to a page that the settings name as planned is no mistake: it stays plain text."""
    page = str(node.get("reftarget", "")).rpartition("/")[2].partition("-")[0]
    written = f"book/{page}" in env.found_docs
    return text if page in app.config.book_planned_pages and not written else None


def setup(app: Sphinx) -> None:
    """Register the directives and how their parts are written."""
    app.add_directive("lesson", LessonHead)
    for kind in STATEMENTS:
        app.add_directive(kind, Statement)
    app.add_directive("proof", Proof)
    app.add_directive("fold", Fold)
    app.add_directive("second-reading", SecondReading)
    app.add_transform(FoldSecondReading)
    app.add_directive("try-it", TryIt)
    app.add_directive("interview", Interview)
    app.add_directive("progress", ProgressPage)
    app.add_config_value("book_planned_pages", [], "env", [list])
    app.connect("missing-reference", _planned)
    app.add_node(box, html=(_visit_box, _depart_box))
    app.add_node(fold, html=(_visit_fold, _depart_fold))
    app.add_node(fold_title, html=(_visit_title, _depart_title))
