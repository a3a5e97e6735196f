"""Several states of one drawing in one SVG: what stays is written once, what changes lists its states.

An attribute that changes becomes `data-steps-NAME`, its states separated by "|", "=" for the state before; an
element that only some states have is wrapped in a group with `data-step`. The script
book/_static/js/stepper.js swaps them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from itertools import pairwise
from xml.etree import ElementTree as ET

SEPARATOR = "|"
SAME = "="


def merge_frames(svgs: Sequence[str], alts: Sequence[str]) -> str:
    """One SVG element for all states; it shows the last one until a script steps through them."""
    roots = [ET.fromstring(_same_ids(svg)) for svg in svgs]
    for root, alt in zip(roots, alts, strict=True):
        root.set("role", "img")
        root.set("aria-label", alt.replace(SEPARATOR, "/"))
    svg = ET.tostring(_merge(roots), encoding="unicode")
    prefix = "p" + hashlib.sha256(svg.encode()).hexdigest()[:6]
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    return re.sub(r'(href="#|url\(#)', rf"\g<1>{prefix}-", svg)


def _same_ids(svg: str) -> str:
    """Ids without the prefix that tells one picture from another: states are compared by them."""
    prefix = re.search(r'id="(p[0-9a-f]{6}-)', svg)
    return svg.replace(prefix[1], "") if prefix else svg


def _merge(states: Sequence[ET.Element]) -> ET.Element:
    last = states[-1]
    merged = ET.Element(last.tag)
    for name in dict.fromkeys(name for state in states for name in state.attrib):
        values = [state.get(name, "") for state in states]
        merged.set(name, values[-1])
        if len(set(values)) > 1:
            merged.set(f"data-steps-{name}", _states(values))
    texts = [state.text or "" for state in states]
    merged.text = texts[-1]
    if len({text.strip() for text in texts}) > 1:
        merged.set("data-steps-text", _states([text.strip() for text in texts]))
    _merge_children(merged, states)
    return merged


def _states(values: Sequence[str]) -> str:
    again = (SAME if value == before else value for before, value in pairwise(values))
    return SEPARATOR.join([values[0], *again])


def _merge_children(merged: ET.Element, states: Sequence[ET.Element]) -> None:
    shapes = {tuple((child.tag, child.get("id")) for child in state) for state in states}
    if len(shapes) == 1:
        for children in zip(*states, strict=True):
            merged.append(_merge(children))
        return
    for number, state in enumerate(states):
        group = ET.SubElement(merged, "g", {"data-step": str(number)})
        if number < len(states) - 1:
            group.set("visibility", "hidden")
        group.extend(state)
