"""Runs students' code behind walls: in go cells and arrays, out come texts and arrays, or how it ended.

**Who is on which side.** The trusted half, the modules of this folder, runs in the grader. The untrusted
half, the modules of inside/, runs behind the walls and is believed in nothing; it is there for the comfort
of honest notebooks. inside/protocol.py is used on both sides. No test, no reference and no point is ever on
the untrusted side.

**The outer wall** is bubblewrap (bubblewrap.py): of the host there is the interpreter, its standard
library, the packages that NumPy, SciPy, matplotlib and IPython require (packages.py), and the shared
libraries that these need (libraries.py), all read-only; no network, an empty environment, an ordinary user.

**The inner walls.** Behind the outer one an interpreter imports NumPy and matplotlib once and then forks
one process per submission; a second one, forked from it when a notebook first names SciPy, has that too,
because every import makes every fork dearer. The new process builds its own walls before it runs anything
(inside/walls.py): namespaces for users, mounts, processes, network, inter-process communication and host
name; fresh folders of limited size; no /proc; limits on memory, processor time, processes and files; no
capabilities; a system-call filter (inside/seccomp.py); no descriptor but 0, 1, 2, which lead nowhere, and
one socket. When the submission is done its whole namespace is killed, and the next one starts from the
interpreter's clean state. The interpreter itself never reads from a student's process.

**What the trusted side sees for itself**: the time, the processor time and the memory of all the
submission's processes together (watch.py), whether an answer came, and how the process ended. Where a
cgroup can be had, the kernel counts the sandbox's memory too and ends what slips by between two looks
(memory_group.py). A limit that is passed ends the session: `timed-out`, `out-of-memory`, `died`. A time-out
or lack of memory should be repeated once alone before it counts; the caller does that.

**What comes back** are frames of a JSON header and plain numbers (inside/protocol.py), capped before they
are read, numbered, and checked; nothing is unpickled or evaluated, and messages are ours. A student's
process can only lie about its own answers.

**How a question is asked.** At its check cell the notebook is kept as it is there: by its names as long as
the cells that follow bind names only (inside/cells.py), else by a fork that waits. The question comes when
the last cell has run. So nothing that runs later changes an answer, and no cell whose output anybody sees
runs after an input. First comes the function's name; the inputs enter once, when the process says that the
function is there, and the next thing to come back counts. A reference that stands in for a wrong function
is lent only after the last answer to that function's own question, and only while the one that uses it is
asked; what is asked again has new inputs.

**Where nested namespaces are refused** (some containers) each submission gets a bubblewrap of its own,
about a second slower. `probe()` looks at the walls from the inside and says which stand. Without any
isolation code runs only if the caller passes `isolation=False`.

**What this does not do.** A hole in the kernel is a hole here. Memory is looked at every 50 ms, so a
submission may pass its limit for that long, up to the kernel's limit if there is one; files in its three
folders and what the kernel holds for its sockets count apart from it. Processor time can be hidden by
processes that nobody waits for; then the wall-clock limit ends it. With a bubblewrap per submission started
by root, the limit on processes counts all submissions that run at the same time together, and the number of
files is not limited, only their size. With a bubblewrap per submission, whoever starts it, the times of the
devices can be set, which the next submission reads.
Processor caches are shared, so submissions that run at the same time can measure each other. Incidents are
hints: a careful cheat leaves none, and an unused import gives one.
"""
