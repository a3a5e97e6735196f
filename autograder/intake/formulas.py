"""Formulas of students that stay in their place on the page of who grades.

MathJax offers commands that move what follows over its neighbours, take no room, give an element attributes
or change other formulas of the page, and each version brings some more. So the list names what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Collection

ALLOWED = frozenset(
    re.findall(
        r"\w+",
        """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda mu nu
    xi omicron pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega digamma Gamma
    Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega hat widehat bar overline underline tilde
    widetilde vec dot ddot check breve acute grave mathring overrightarrow overleftarrow overbrace
    underbrace overset underset stackrel prime backprime dagger ddagger frac dfrac tfrac cfrac binom
    dbinom tbinom choose over atop sqrt root sum prod coprod int iint iiint oint bigcup bigcap bigsqcup
    bigvee bigwedge bigoplus bigotimes bigodot limits nolimits displaylimits lim limsup liminf max min
    sup inf arg det dim exp gcd hom ker lg ln log deg Pr sin cos tan cot sec csc sinh cosh tanh coth
    arcsin arccos arctan mathrm mathbf mathit mathsf mathtt mathcal mathscr mathfrak mathbb mathnormal
    boldsymbol bm pmb rm bf it sf tt cal frak Bbb text textrm textbf textit textsf texttt textnormal
    mbox emph operatorname mathop mathbin mathrel mathord mathopen mathclose mathpunct mathinner mod
    bmod pmod pod left right middle big Big bigg Bigg bigl Bigl biggl Biggl bigr Bigr biggr Biggr bigm
    Bigm biggm Biggm lvert rvert lVert rVert vert Vert langle rangle lfloor rfloor lceil rceil lbrace
    rbrace lbrack rbrack lgroup rgroup ulcorner urcorner llcorner lrcorner backslash quad qquad
    thinspace medspace thickspace enspace nobreakspace space phantom hphantom vphantom strut mathstrut
    displaystyle textstyle scriptstyle scriptscriptstyle le leq leqslant ge geq geqslant ne neq ll gg lt
    gt equiv sim simeq approx cong asymp propto doteq triangleq coloneqq eqqcolon prec succ preceq
    succeq lesssim gtrsim in ni notin subset supset subseteq supseteq subsetneq supsetneq mid nmid
    parallel perp models vdash dashv not pm mp times div cdot ast star circ bullet cup cap setminus
    smallsetminus wedge vee land lor lnot neg oplus ominus otimes oslash odot uplus sqcup sqcap amalg wr
    to gets mapsto leftarrow rightarrow leftrightarrow Leftarrow Rightarrow Leftrightarrow longleftarrow
    longrightarrow longleftrightarrow Longleftarrow Longrightarrow Longleftrightarrow longmapsto uparrow
    downarrow updownarrow Uparrow Downarrow nearrow searrow swarrow nwarrow hookrightarrow hookleftarrow
    rightharpoonup implies impliedby iff leadsto xrightarrow xleftarrow infty partial nabla forall
    exists nexists emptyset varnothing ell hbar imath jmath Re Im aleph wp angle top bot therefore
    because square Box blacksquare qed Diamond triangle checkmark surd dots ldots cdots vdots ddots
    dotsb dotsc dotsi dotsm colon begin end matrix pmatrix cases substack array hline hdashline cr tag
    notag nonumber label ref eqref boxed cancel bcancel xcancel color textcolor of
    """,
    )
)
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_DEFINING = "[gex]?def|(?:re)?newcommand|providecommand|DeclareMathOperator"
_DEFINITION = re.compile(rf"\\(?:{_DEFINING})(?![A-Za-z])\*?[\s{{]{{0,20}}\\([A-Za-z]+)")
# A definition as mathematicians write it. One whose arguments end where a text says may leave half a command
# in MathJax, to which the other half is added: `\def\f#1;{#1hspace}\f\;`.
_PLAIN = re.compile(
    r"\\[gex]?def\s{0,20}\\[A-Za-z]+\s{0,20}(?:#[1-9])*\{"
    rf"|(?!\\[gex]?def){_DEFINITION.pattern}[\s}}]{{0,20}}"
    r"(?:\[[1-9]\]\s{0,20})?(?:\[[^\[\]]{0,200}\]\s{0,20})?\{"
)
_RENAMED = "Student"  # ends the names of commands that a student defines
_STEPS = (
    # A row laid over the one above, or pages below it; MathJax skips spaces.
    (re.compile(r"(\\\\[\s*]*)(?=\[\s*(?:-|(?:\d\s*){3}))"), r"\1{}"),
    (re.compile(r"\\\\(?=!)"), r"\\\\ "),
    (re.compile(r"\\!"), "{}"),  # to the left by a little, as often as one likes
)

# The same put together by a command of the student's: its argument, or what follows it, comes to stand there.
_ROW_END = re.compile(r"(\\\\[\s*]*)(?=[}\]#])")
_ARGUMENT = re.compile(r"(\\[gex]?def\s*\\[A-Za-z]+\s*(?:#[1-9])+)|(#[1-9])(?=[\s*]*[\[#}])")


def harmless(markdown: str, released: Collection[str] = (), defined_elsewhere: Collection[str] = ()) -> str:
    """Return the text with the commands of TeX pulled apart that are not known to be harmless.

    MathJax keeps a definition for the whole page, the instructor's formulas included: what a student defines
    is renamed wherever the student uses it, so it neither changes a command nor passes for one.

    Parameters
    ----------
    released : commands that the release defines
    defined_elsewhere : those that the student defines in other cells
    """
    for pattern, replacement in _STEPS:
        markdown = pattern.sub(replacement, markdown)
    renamed = {*defined_elsewhere, *defined(markdown)}
    if renamed:
        markdown = _ROW_END.sub(r"\1{}", markdown)
        markdown = _ARGUMENT.sub(lambda found: found[1] or f"{found[2]}{{}}", markdown)

    def command(found: re.Match[str]) -> str:
        name = found[1]
        if name in renamed:
            return f"\\{name}{_RENAMED}"
        known = name in ALLOWED or name in released or _PLAIN.match(markdown, found.start())
        return found[0] if known else f"\\ {name}"

    return _COMMAND.sub(command, markdown)


def defined(text: str) -> set[str]:
    """Return the names of the commands of TeX that a text defines."""
    return set(_DEFINITION.findall(text))
