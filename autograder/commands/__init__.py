"""The commands of `autograder`, one module each."""
