from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.sandbox.limits import Limits
from autograder.sandbox.pool import Pool

MIB = 1 << 20
# Processor time is scarce, time on the clock is not: no verdict depends on what else the machine does.
SMALL = Limits(
    cell_cpu=1.0,
    cell_wall=120.0,
    question_cpu=2.0,  # one call may take half
    question_wall=120.0,
    notebook_cpu=8.0,
    notebook_wall=400.0,
    memory=320 * MIB,
    address_space=1024 * MIB,
    files=8 * MIB,
    file_size=4 * MIB,
    processes=40,
    output=4096,
)


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    with Pool(SMALL, data_files={"points.csv": b"1.0,2.0\n3.0,4.0\n"}) as pool:
        yield pool
