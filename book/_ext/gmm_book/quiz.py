"""The `quiz` directive: questions that explain, without a kernel, an account or a network.

    ```{quiz} soft-rows
    The responsibilities of one point sum to …

    - [x] one
      > Somebody made the point, and the components are all the suspects there are.
    - [ ] the number of points of the component
      > That is $N_k$, the sum over the points of one component.
    ```

One `[x]` makes a single choice, several make a multiple choice. `:answer: 0.6` (and `:tolerance:`) makes a
numeric question; its list then holds the feedback for numbers, the last item for every other number:

    - 0.6
      > Right: …
    - 0.5
      > That is a coin flip; …
    - otherwise
      > Start from Bayes' rule …

In the page each question is a fieldset with a legend. Which choice is right, and the feedback, are encoded,
so that neither the source nor the search shows them at a glance. On paper the answers stand at the end.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)
MARK = re.compile(r"^\[([ xX])\]\s*")
ID = re.compile(r"^[a-z][a-z0-9-]*$")


class quiz(nodes.General, nodes.Element):  # noqa: N801
    """A question: a prompt, more text if need be, then the choices (or the feedback for numbers)."""


class quiz_prompt(nodes.General, nodes.Element):  # noqa: N801
    """What is asked, in one paragraph."""


class quiz_choice(nodes.General, nodes.Element):  # noqa: N801
    """One choice, or one number that has feedback of its own."""


class quiz_feedback(nodes.comment):  # noqa: N801
    """What a choice tells the reader. A kind of comment, because the search index leaves comments out."""


class QuizDirective(SphinxDirective):
    """Read a question from Markdown."""

    required_arguments = 1
    has_content = True
    option_spec = {"answer": float, "tolerance": float, "points": directives.positive_int}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """The question as a node; complaints name the file and the line."""
        name = self.arguments[0]
        if not ID.match(name):
            raise self.error(f"A quiz needs a name of small letters, digits and dashes, not {name!r}.")
        holder = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, holder)
        if len(holder) < 2 or not isinstance(holder[-1], nodes.bullet_list):
            raise self.error("A quiz ends with a list: - [x] right, - [ ] wrong, each with > feedback.")
        question = quiz(name=name, points=self.options.get("points", 1), ids=[f"quiz-{name}"])
        question["numeric"] = "answer" in self.options
        self.set_source_info(question)
        items = holder.pop()
        prompt = quiz_prompt("", _inline(holder[0]))
        question.append(prompt)
        question.extend(holder.children[1:])
        question.extend(self._choice(item, question["numeric"]) for item in items.children)
        self._settle(question)
        return [question]

    def _choice(self, item: nodes.Element, numeric: bool) -> nodes.Element:
        feedback = quiz_feedback()
        choice = quiz_choice(right=False)
        for child in item.children:
            (feedback if isinstance(child, nodes.block_quote) else choice).append(_inline(child))
        if not choice.children or not feedback.children:
            raise self.error("Each item of a quiz needs a text and its feedback (a line that starts with >).")
        quotes, feedback = feedback.children, quiz_feedback()
        feedback.extend(grandchild for quote in quotes for grandchild in quote.children)
        if numeric:
            choice["number"] = choice.astext().strip()
            choice.children = []
        else:
            self._take_mark(choice)
        choice.append(feedback)
        return choice

    def _take_mark(self, choice: nodes.Element) -> None:
        text = next(choice.findall(nodes.Text), None)
        mark = MARK.match(text.astext()) if text is not None else None
        if text is None or mark is None:
            raise self.error("Each choice of a quiz starts with [x] or [ ].")
        choice["right"] = mark[1] != " "
        text.parent.replace(text, nodes.Text(MARK.sub("", text.astext(), count=1)))

    def _settle(self, question: nodes.Element) -> None:
        """Which kind it is, and whether it can be answered at all."""
        choices = list(question.findall(quiz_choice))
        if question["numeric"]:
            question["answer"] = self.options["answer"]
            question["tolerance"] = self.options.get("tolerance", 1e-6)
            question["kind"] = "numeric"
            if choices[-1]["number"] != "otherwise":
                raise self.error("The last item of a numeric quiz is: - otherwise, with its feedback.")
            return
        right = sum(choice["right"] for choice in choices)
        if not right or len(choices) < 2:
            raise self.error("A quiz needs two choices at least, one of them marked [x].")
        question["kind"] = "single" if right == 1 else "multiple"


def _inline(node: nodes.Node) -> nodes.Node:
    """A paragraph's text without the paragraph: a label or a legend may hold no blocks."""
    return nodes.inline("", "", *node.children) if isinstance(node, nodes.paragraph) else node


def encode(text: str) -> str:
    """Text that does not read at a glance: UTF-8, reversed, base64. A veil, not a lock."""
    return base64.b64encode(text.encode("utf-8")[::-1]).decode("ascii")


def _number(translator: Any, node: nodes.Element) -> int:
    counted = translator.__dict__.setdefault("_quiz_numbers", {})
    return int(counted.setdefault(node["name"], len(counted) + 1))


HINTS = {
    "single": "One answer is right.",
    "multiple": "Choose all that are right.",
    "numeric": "Type a number.",
}


def _visit_quiz(translator: Any, node: nodes.Element) -> None:
    key = {"kind": node["kind"], "points": node["points"]}
    if node["kind"] == "numeric":
        key |= {"answer": node["answer"], "tolerance": node["tolerance"]}
        key["numbers"] = [choice["number"] for choice in node.findall(quiz_choice)]
    else:
        key["right"] = [choice["right"] for choice in node.findall(quiz_choice)]
    translator.body.append(
        f'<form class="quiz" id="{node["ids"][0]}" data-quiz="{node["name"]}" '
        f'data-key="{encode(json.dumps(key))}" novalidate><fieldset>'
    )


def _depart_quiz(translator: Any, node: nodes.Element) -> None:
    if node["kind"] == "numeric":
        field = f"quiz-{node['name']}-number"
        translator.body.append(
            f'<label class="quiz-numeric" for="{field}">Your answer '
            f'<input type="text" inputmode="decimal" autocomplete="off" id="{field}"></label>'
        )
    translator.body.append(
        '</fieldset><div class="quiz-actions"><button type="submit" class="quiz-check">Check</button>'
        '</div><div class="quiz-feedback" role="status"></div></form>\n'
    )


def _visit_prompt(translator: Any, node: nodes.Element) -> None:
    question = node.parent
    number = _number(translator, question)
    translator.body.append(f'<legend><span class="quiz-number">Question {number}.</span> ')


def _depart_prompt(translator: Any, node: nodes.Element) -> None:
    hint = HINTS[node.parent["kind"]]
    translator.body.append(f' <span class="quiz-hint">{hint}</span></legend>\n')


def _visit_choice(translator: Any, node: nodes.Element) -> None:
    question = node.parent
    if question["kind"] == "numeric":
        translator.body.append("<div hidden>")
        return
    kind = "radio" if question["kind"] == "single" else "checkbox"
    position = [choice for choice in question.children if isinstance(choice, quiz_choice)].index(node)
    translator.body.append(
        f'<label class="quiz-choice"><input type="{kind}" name="{question["name"]}" value="{position}">'
        '<span class="quiz-text">'
    )


def _depart_choice(translator: Any, node: nodes.Element) -> None:
    translator.body.append("</div>" if node.parent["kind"] == "numeric" else "</label>\n")


def _visit_feedback(translator: Any, node: nodes.Element) -> None:
    translator.context.append(translator.body)
    translator.body = []


def _depart_feedback(translator: Any, node: nodes.Element) -> None:
    text = "".join(translator.body)
    translator.body = translator.context.pop()
    if node.parent.parent["kind"] != "numeric":
        translator.body.append("</span>")
    translator.body.append(f'<span class="quiz-veil" data-feedback="{encode(text)}" hidden></span>')


def _check_names(app: Sphinx, env: Any) -> None:
    """Two questions of one name would share a score."""
    seen: dict[str, str] = {}
    for docname in sorted(env.found_docs):
        for question in env.get_doctree(docname).findall(quiz):
            if question["name"] in seen:
                other = seen[question["name"]]
                logger.warning("quiz %r is also in %s", question["name"], other, location=docname)
            seen[question["name"]] = docname


def _answers_at_the_end(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """On paper: the questions keep their choices, and a last section tells the answers, lesson by lesson."""
    questions = list(doctree.findall(quiz))
    if app.builder.name != "singlehtml" or not questions:
        return
    section = nodes.section(ids=["quiz-answers"])
    section += nodes.title(text="Answers to the quick checks")
    lesson = ""
    for number, question in enumerate(questions, 1):
        if lesson != (lesson := question["name"].partition("-")[0]):
            section += nodes.rubric(text=app.env.titles[f"book/{lesson}"].astext())
            section += nodes.container(classes=["quiz-lesson"])
        section[-1] += _printed_answer(number, question)
    doctree.append(section)


def _printed_answer(number: int, question: nodes.Element) -> nodes.Element:
    """The number of the question; then each choice (or number) and its feedback in one paragraph."""
    entry = nodes.container(classes=["quiz-answer"])
    entry += nodes.paragraph("", "", nodes.strong(text=f"Question {number}"))
    if question["kind"] == "numeric":
        entry[0] += nodes.Text(f": {question['answer']:g}")
    listing = nodes.bullet_list()
    for position, choice in enumerate(question.findall(quiz_choice)):
        name = choice["number"] if question["kind"] == "numeric" else chr(ord("a") + position)
        told = [child.deepcopy() for feedback in choice.findall(quiz_feedback) for child in feedback.children]
        verdict = " (right) " if choice["right"] else " "
        first = nodes.paragraph("", "", nodes.strong(text=name), nodes.Text(verdict))
        if isinstance(told[0], nodes.paragraph):
            first.extend(told.pop(0).children)
        listing += nodes.list_item("", first, *told)
    entry += listing
    return entry


def setup(app: Sphinx) -> None:
    """Register the directive and how its parts are written."""
    app.add_directive("quiz", QuizDirective)
    app.add_node(quiz, html=(_visit_quiz, _depart_quiz))
    app.add_node(quiz_prompt, html=(_visit_prompt, _depart_prompt))
    app.add_node(quiz_choice, html=(_visit_choice, _depart_choice))
    app.add_node(quiz_feedback, html=(_visit_feedback, _depart_feedback))
    app.connect("env-check-consistency", _check_names)
    app.connect("doctree-resolved", _answers_at_the_end)
