"""Jobs of the desk: under way, in a process of their own, and broken off when a desk was killed."""
