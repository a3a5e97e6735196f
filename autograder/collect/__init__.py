"""Takes submissions in, and tells whose they are."""
