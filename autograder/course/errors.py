"""What goes wrong with a course."""


class CourseError(Exception):
    """Something that the instructor must put right first; the message says what and how."""
