"""What goes wrong with walls."""


class SandboxUnavailable(RuntimeError):  # noqa: N818
    """Submissions cannot be isolated on this machine; the message says why and what to install."""


class NoWallsError(SandboxUnavailable):
    """The student's process could not build its walls; nothing of the student was run."""
