"""From a student's bytes to a `Submission`, behind limits of its own."""
