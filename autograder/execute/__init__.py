"""From a `Submission` to `Answers`: students' code is run, and its questions are asked."""
