"""From a right answer to wrong ones: each differs from it in one place.

A change is one of those that mutation testing has always made (constants, operators, comparisons, statements)
or one that people make with arrays: another axis, a reduction for another, a factor left out, an index one
off, an argument in the wrong place.
"""

from __future__ import annotations

import ast
import copy
import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

Function = ast.FunctionDef


@dataclass(frozen=True)
class Mutant:
    """A function that differs from a right one in one place."""

    source: str
    change: str  # the lines that came new, or "without: " and those that went; numbered if made twice


def mutants(source: str) -> list[Mutant]:
    """Return the mutants of a function, each text once, in the order of its lines."""
    tree = ast.parse(source)
    _strip_docstrings(tree)
    before = ast.unparse(tree)
    changes: Counter[str] = Counter()
    found = []
    for text in dict.fromkeys(_texts(tree)):
        if text != before:
            change = _change(before, text)
            changes[change] += 1
            found.append(Mutant(text, f"{change} ({changes[change]})" if changes[change] > 1 else change))
    return found


def _texts(tree: ast.Module) -> Iterator[str]:
    function = next(node for node in tree.body if isinstance(node, Function))
    values = _values(function)
    for place in list(_places(function)):
        for other in [*_others(place.node, function), *values.get(place.node, ())]:
            text = _with(tree, place, other)
            if text is not None:
                yield text
    yield from _at_entry(tree)


@dataclass(frozen=True)
class Place:
    """Where a node stands: in a field of another one, or in a list that is such a field."""

    node: ast.AST
    parent: ast.AST
    field: str
    position: int | None

    def put(self, node: ast.AST) -> None:
        """Put another node there."""
        if self.position is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.position] = node


def _places(function: Function) -> Iterator[Place]:
    for parent in ast.walk(function):
        for field, value in ast.iter_fields(parent):
            for position, node in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(node, ast.expr | ast.stmt):
                    yield Place(node, parent, field, position if isinstance(value, list) else None)


def _others(node: ast.AST, function: Function) -> Iterator[str]:
    """Return what may stand in the place of a node, as text."""
    if isinstance(node, ast.expr):
        if isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            for change in EXPRESSIONS:
                yield from change(node)
            yield from _other_names(node, function)
    elif isinstance(node, ast.stmt) and node is not function:
        for change in STATEMENTS:
            yield from change(node)
        if isinstance(node, ast.For | ast.While):
            yield from _ends_early(node, function)


def _with(tree: ast.Module, place: Place, text: str) -> str | None:
    """Return the module with something else in this place; None if that is no Python."""
    try:
        if isinstance(place.node, ast.expr):
            place.put(ast.parse(text.strip(), mode="eval").body)
        else:
            place.put(ast.parse(f"def f():\n while 1:\n  {text}").body[0].body[0].body[0])  # type: ignore[attr-defined]
        unparsed = ast.unparse(tree)
        compile(unparsed, "mutant", "exec")
    except SyntaxError:
        return None
    finally:
        place.put(place.node)
    return unparsed


def _change(before: str, after: str) -> str:
    old, new = before.splitlines(), after.splitlines()
    gone, came = [], []
    for _, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if old[i:j] != new[k:m]:
            gone += [line.strip() for line in old[i:j]]
            came += [line.strip() for line in new[k:m]]
    return " ; ".join(came) if came not in ([], ["pass"]) else f"without: {' ; '.join(gone)}"


def _strip_docstrings(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if isinstance(node, Function) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]


# --------------------------------------------------------------------------- expressions

_ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**"}
_INSTEAD = {"+": "-*", "-": "+*", "*": "/+", "/": "*-", "@": "*", "**": "*"}  # each letter a sign
_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")

# Functions and methods that people take for one another.
_FAMILIES = (
    ("sum", "mean", "max", "min"),
    ("argmin", "argmax", "min"),
    ("log", "log2", "log10", "exp", "log1p", "sqrt"),
    ("minimum", "maximum"),
    ("any", "all"),
    ("std", "var", "ptp"),
    ("eigvalsh", "eigvals", "diag"),
    ("zeros", "ones"),
    ("isnan", "isfinite", "isinf"),
    ("solve", "dot"),
    ("quantile", "percentile"),
    ("permutations", "combinations"),
    ("outer", "inner", "multiply"),
    ("argsort", "sort"),
    ("logsumexp", "max"),
    ("logaddexp", "maximum"),
)

_FORMS = ("-{0}", "{0} + 1", "{0} - 1", "2 * {0}", "{0}[::-1]")  # of an argument


def _constants(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        c = node.value
        yield from map(repr, (c + 1, c - 1, -c, 2 * c, 3 * c, c / 2, 0, 1))
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield repr(not node.value)


def _operators(node: ast.expr) -> Iterator[str]:
    if not isinstance(node, ast.BinOp):
        return
    left, right = f"({ast.unparse(node.left)})", f"({ast.unparse(node.right)})"
    yield from (left, right)  # a term or factor left out
    sign = _ARITHMETIC.get(type(node.op))
    if sign:
        yield from (f"{left} {other} {right}" for other in _INSTEAD[sign])
        if sign in ("-", "/", "@", "**"):
            yield f"{right} {sign} {left}"
        yield from (f"-{left} {sign} {right}", f"{left} {sign} -{right}")
    elif isinstance(node.op, ast.BitAnd | ast.BitOr):
        yield f"{left} {'|' if isinstance(node.op, ast.BitAnd) else '&'} {right}"
    elif isinstance(node.op, ast.FloorDiv):
        yield from (f"{left} / {right}", f"{left} * {right}")


def _signs_and_logic(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.UnaryOp):
        yield ast.unparse(node.operand)
    elif isinstance(node, ast.BoolOp):
        words = [f"({ast.unparse(value)})" for value in node.values]
        yield (" or " if isinstance(node.op, ast.And) else " and ").join(words)
        yield from words
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right = f"({ast.unparse(node.left)})", f"({ast.unparse(node.comparators[0])})"
        yield from (f"{left} {comparison} {right}" for comparison in _COMPARISONS)
    elif isinstance(node, ast.IfExp):
        body, orelse = ast.unparse(node.body), ast.unparse(node.orelse)
        yield from (f"({body})", f"({orelse})", f"({orelse} if {ast.unparse(node.test)} else {body})")


def _calls(node: ast.expr) -> Iterator[str]:
    """Return another function of the family; an argument or keyword left out; two arguments swapped."""
    if not isinstance(node, ast.Call):
        return
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    for family in _FAMILIES:
        for other in family if called in family else ():
            clone = copy.deepcopy(node)
            setattr(clone.func, "attr" if isinstance(node.func, ast.Attribute) else "id", other)
            yield ast.unparse(clone)
    arguments = [ast.unparse(argument) for argument in node.args]
    method = isinstance(node.func, ast.Attribute) and not _is_module(node.func.value)
    yield from (arguments[:1] or []) if not method else [ast.unparse(node.func.value)]  # type: ignore[attr-defined]
    for position, argument in enumerate(node.args):
        for form in _FORMS if isinstance(argument, ast.Name) and called not in ("len", "range") else ():
            clone = copy.deepcopy(node)
            clone.args[position] = ast.parse(form.format(argument.id), mode="eval").body
            yield ast.unparse(clone)
    for first, second in combinations(range(len(arguments)), 2):
        clone = copy.deepcopy(node)
        clone.args[first], clone.args[second] = clone.args[second], clone.args[first]
        yield ast.unparse(clone)
    for position in range(len(node.keywords)):
        clone = copy.deepcopy(node)
        del clone.keywords[position]
        yield ast.unparse(clone)
    if called in ("std", "var"):
        yield f"{ast.unparse(node)[:-1]}, ddof=1)"
    if called in ("empty", "zeros", "ones", "empty_like", "zeros_like", "array"):
        yield f"{ast.unparse(node)[:-1]}, dtype=int)"
    if called in ("range", "enumerate") and len(arguments) == 1:
        inner = arguments[0]
        yield from (
            f"range({inner} - 1)",
            f"range(1, {inner})",
            f"range({inner} + 1)",
            f"range(1, {inner} + 1)",
        )
        yield f"enumerate({inner}, 1)"
    if called == "len":
        yield from (f"({ast.unparse(node)} - 1)", f"({ast.unparse(node)} + 1)", f"{arguments[0]}.size")


def _is_module(node: ast.expr) -> bool:
    root = node
    while isinstance(root, ast.Attribute):
        root = root.value
    return isinstance(root, ast.Name) and root.id in ("np", "math", "itertools", "special", "stats")


def _attributes(node: ast.expr) -> Iterator[str]:
    """Return a transpose left out, a shape for its reverse."""
    if isinstance(node, ast.Attribute) and node.attr in ("T", "size", "real"):
        yield ast.unparse(node.value)
    elif isinstance(node, ast.Attribute) and node.attr == "shape":
        yield f"{ast.unparse(node)}[::-1]"


def _subscripts(node: ast.expr) -> Iterator[str]:
    if not isinstance(node, ast.Subscript):
        return
    value, index = ast.unparse(node.value), node.slice
    yield value  # the whole
    indices = index.elts if isinstance(index, ast.Tuple) else [index]
    for position, one in enumerate(indices):
        for other in _other_indices(one):
            words = [ast.unparse(index) for index in indices]
            words[position] = other
            yield f"{value}[{', '.join(words)}]"
    if len(indices) > 1:
        yield f"{value}[{', '.join(ast.unparse(index) for index in reversed(indices))}]"
        for position in range(len(indices)):
            others = indices[:position] + indices[position + 1 :]
            yield f"{value}[{', '.join(map(ast.unparse, others))}]"


def _other_indices(index: ast.expr) -> Iterator[str]:
    if isinstance(index, ast.Name):
        yield from (f"{index.id} - 1", "0", "-1", f"~{index.id}")
    elif isinstance(index, ast.Slice) and (index.lower or index.upper):
        yield ":"


def _forms(node: ast.expr) -> Iterator[str]:
    """Return a list without its last entry, or in reverse; a comprehension over less."""
    if isinstance(node, ast.Tuple | ast.List) and len(node.elts) > 1:
        elements = [ast.unparse(element) for element in node.elts]
        for first, second in combinations(range(len(elements)), 2):
            swapped = list(elements)
            swapped[first], swapped[second] = swapped[second], swapped[first]
            yield f"({', '.join(swapped)})" if isinstance(node, ast.Tuple) else f"[{', '.join(swapped)}]"
    elif isinstance(node, ast.ListComp | ast.GeneratorExp):
        source = ast.unparse(node.generators[0].iter)
        for shorter in (f"list({source})[1:]", f"list({source})[:-1]", f"list({source})[::-1]"):
            clone = copy.deepcopy(node)
            clone.generators[0].iter = ast.parse(shorter, mode="eval").body
            yield ast.unparse(clone)


EXPRESSIONS = (
    _constants,
    _operators,
    _signs_and_logic,
    _calls,
    _attributes,
    _subscripts,
    _forms,
)


def _values(function: Function) -> dict[ast.expr, tuple[str, ...]]:
    """Return what may be assigned or returned instead: the other sign; one more or less, twice or half."""
    values: dict[ast.expr, tuple[str, ...]] = {}
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign | ast.Return) or node.value is None:
            continue
        for value in node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]:
            text = ast.unparse(value)
            more = (f"({text}) + 1", f"({text}) - 1", f"2 * ({text})", f"({text}) / 2")
            values[value] = (f"-({text})", *(more if isinstance(node, ast.Return) else ()))
    return values


def _other_names(node: ast.expr, function: Function) -> Iterator[str]:
    """Return the two names of the function that look most alike: taken by mistake."""
    if isinstance(node, ast.Name):
        stored = [
            n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        ]
        names = dict.fromkeys([argument.arg for argument in function.args.args] + stored)
        if node.id in names:
            others = [name for name in names if name not in (node.id, "_")]
            others.sort(key=lambda name: -difflib.SequenceMatcher(None, node.id, name).ratio())
            yield from others[:3]


# --------------------------------------------------------------------------- statements


def _left_out(node: ast.stmt) -> Iterator[str]:
    if not isinstance(node, ast.Return | Function):
        yield "pass"


def _assignments(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.AugAssign):
        target, value = ast.unparse(node.target), ast.unparse(node.value)
        yield f"{target} = {value}"
        yield from (f"{target} {sign}= {value}" for sign in "+-*/")
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
        names = [ast.unparse(target) for target in node.targets[0].elts]
        yield f"{', '.join(reversed(names))} = {ast.unparse(node.value)}"
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        target = node.targets[0]
        for other in _subscripts(target):
            yield f"{other} = {ast.unparse(node.value)}"
        yield f"{ast.unparse(target)} += {ast.unparse(node.value)}"


def _branches(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.If | ast.While):
        test = ast.unparse(node.test)
        for other in ("True", "False", f"not ({test})"):
            clone = copy.deepcopy(node)
            clone.test = ast.parse(other, mode="eval").body
            yield _indented(clone)
    elif isinstance(node, ast.For):
        source = ast.unparse(node.iter)
        for other in (
            f"list({source})[1:]",
            f"list({source})[:-1]",
            f"list({source})[::-1]",
            f"list({source})[:1]",
        ):
            loop = copy.deepcopy(node)
            loop.iter = ast.parse(other, mode="eval").body
            yield _indented(loop)
    elif isinstance(node, ast.Break | ast.Continue):
        yield "continue" if isinstance(node, ast.Break) else "break"


STATEMENTS = (_left_out, _assignments, _branches)


def _ends_early(node: ast.For | ast.While, function: Function) -> Iterator[str]:
    """Return the loop with the function's return inside: after the first round it is over."""
    last = function.body[-1]
    if isinstance(last, ast.Return):
        clone = copy.deepcopy(node)
        clone.body.append(copy.deepcopy(last))
        yield _indented(clone)


def _indented(node: ast.stmt) -> str:
    return ast.unparse(node).replace("\n", "\n  ")


# --------------------------------------------------------------------------- inputs


def _at_entry(tree: ast.Module) -> Iterator[str]:
    """Return functions that take two inputs in the wrong order, or one without its axes of length 1."""
    arguments = next(node for node in tree.body if isinstance(node, Function)).args.args
    for argument in arguments:
        clone = copy.deepcopy(tree)
        body = next(node for node in clone.body if isinstance(node, Function)).body
        body.insert(0, ast.parse(f"{argument.arg} = np.squeeze({argument.arg})").body[0])
        yield ast.unparse(ast.fix_missing_locations(clone))
    for first, second in combinations(range(len(arguments)), 2):
        clone = copy.deepcopy(tree)
        swapped = next(node for node in clone.body if isinstance(node, Function)).args.args
        swapped[first], swapped[second] = swapped[second], swapped[first]
        yield ast.unparse(clone)
