"""The web desk: a page over what the commands do. It holds no state of its own."""
