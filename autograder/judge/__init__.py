"""From answers to points and reasons: pure functions, from values to values.

`points` is the way in; `seen` brings an answer into the shapes that were asked for (`shapes` finds the
words for what does not fit), `tolerance` says how close is close enough, `checks` holds the kinds of checks
that questions are made of, and `diagnosis` names the mistake.
"""
