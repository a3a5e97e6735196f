"""The course directory: where everything lies, and what is released in it."""
