"""Lines of equal height on a grid, by marching squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Of a square of the grid: the corners of each edge, as offsets (row, column).
EDGES = (((0, 0), (0, 1)), ((0, 1), (1, 1)), ((1, 1), (1, 0)), ((1, 0), (0, 0)))


def contour_segments(x: ArrayLike, y: ArrayLike, heights: ArrayLike, level: float) -> NDArray[np.float64]:
    """Return the segments (n, 2, 2) along which the height, linear between neighbours, is `level`.

    Parameters
    ----------
    x, y : places of the grid, as numpy.meshgrid gives them
    heights : of the same shape, (rows, columns)
    level : the height of the line
    """
    places = np.stack(np.broadcast_arrays(x, y), axis=-1).astype(float)  # (rows, columns, 2)
    Z = np.asarray(heights, dtype=float)
    rows, columns = Z.shape[0] - 1, Z.shape[1] - 1
    crossed = np.zeros((4, rows, columns), dtype=bool)
    points = np.zeros((4, rows, columns, 2))
    for edge, ((i, j), (k, m)) in enumerate(EDGES):
        a, b = Z[i : i + rows, j : j + columns], Z[k : k + rows, m : m + columns]
        crossed[edge] = (a > level) != (b > level)
        share = np.where(crossed[edge], (level - a) / np.where(a == b, 1.0, b - a), 0.0)[..., None]
        start, end = places[i : i + rows, j : j + columns], places[k : k + rows, m : m + columns]
        points[edge] = start + share * (end - start)
    found = [
        points[edges[n : n + 2], i, j]  # a square that is crossed four times holds two pieces
        for i, j in np.argwhere(crossed.any(axis=0))
        for edges in [np.flatnonzero(crossed[:, i, j])]
        for n in range(0, len(edges), 2)
    ]
    return np.array(found) if found else np.empty((0, 2, 2))
