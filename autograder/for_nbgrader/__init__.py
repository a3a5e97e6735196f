"""What a course's nbgrader_config.py names."""
