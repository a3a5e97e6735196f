"""From a `Result` to nbgrader's gradebook, and back to rows."""
