"""The instructor's guide as tests read it: its text, the commands that it types, the files that it prints."""

from __future__ import annotations

import re
from pathlib import Path

GUIDE = (Path(__file__).parents[2] / "book" / "instructors.md").read_text(encoding="utf-8")
COMMANDS = re.findall(
    r"^\$ (.*)$", "\n".join(re.findall(r"^```console\n(.*?)^```", GUIDE, re.M | re.S)), re.M
)
FILES = dict(re.findall(r"^```\{code-block\} python\n:caption: (.*?)\n\n(.*?)^```", GUIDE, re.M | re.S))
