"""From a submission to a grade."""

import sys

# jsonschema, which nbgrader imports, would build a grammar of web addresses when it is imported: more than a
# second of every command's start, for a check that no notebook needs. Without the package it leaves that out.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
