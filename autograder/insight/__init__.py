"""What many results say together: who is missing, what was misunderstood, what is alike."""
