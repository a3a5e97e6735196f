"""Every limit of the sandbox in one place, with its default and its unit."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one submission may use before it is stopped.

    Processor time is what counts; the wall-clock limits are a multiple of it, so that a busy neighbour harms
    nobody and a student's process that only sleeps still ends.
    """

    # ---- processor time and wall-clock time [s]
    cell_cpu: float = 20.0
    cell_wall: float = 60.0
    question_cpu: float = 10.0  # all cases of one question; Question.cpu_seconds takes its place
    call_share: float = 0.5  # of a question's processor time, for one case: what needs more never ends
    question_wall: float = 30.0
    notebook_cpu: float = 60.0  # the whole session, all its processes together
    notebook_wall: float = 180.0
    sessions: float = 2.0  # of these, at most, for all sessions of one submission together
    start_wall: float = 60.0  # until the interpreter is ready, or a student's process has started
    end_wall: float = 10.0  # until a killed submission is gone; then its interpreter is replaced

    # ---- memory [bytes]
    memory: int = 2048 * MIB  # the submission as a whole, all its processes together
    address_space: int = 3072 * MIB  # of each process; the interpreter itself maps about 0.5 GiB
    files: int = 64 * MIB  # in each of the three writable folders: home, /tmp and /dev/shm
    file_size: int = 64 * MIB  # of one file

    # ---- counts
    processes: int = 64  # processes and threads
    open_files: int = 64  # of each process
    inodes: int = 4096  # files and folders in each writable folder

    # ---- what comes back [bytes, or a count]
    output: int = 64 * 1024  # printed by one cell; the rest is cut, not collected
    notebook_output: int = 1 * MIB  # printed by all cells together, their errors included
    answer: int = 4 * MIB  # arrays of one call's answer
    callback: int = 1 * MIB  # arrays of one call-back to the trusted side
    callbacks: int = 20_000  # call-backs in one question
    inputs: int = 256 * MIB  # arrays of all cases of one question

    def budget(self) -> Budget:
        """For one submission."""
        return Budget(self.sessions * self.notebook_cpu, self.sessions * self.notebook_wall)

    @property
    def for_worker(self) -> dict[str, int]:
        """The limits that the untrusted half sets on itself before it runs any student's code."""
        return {
            "address_space": self.address_space,
            "cpu": int(self.notebook_cpu) + 5,  # a backstop: the trusted side watches the exact figures
            "files": self.files,
            "file_size": self.file_size,
            "processes": self.processes,
            "open_files": self.open_files,
            "inodes": self.inodes,
            "output": self.output,
            "answer": self.answer,
            "inputs": self.inputs,
        }


@dataclass
class Budget:
    """Seconds of processor and wall-clock time that are left to a submission, however often it is run."""

    cpu: float
    wall: float

    @property
    def spent(self) -> bool:
        """Whether nothing is left of one of the two."""
        return self.cpu <= 0.0 or self.wall <= 0.0
