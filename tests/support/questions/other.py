"""The question of the assignment "other"."""

from autograder.questions.comparing import shapes, values
from autograder.values import Case, Question

SEE = "kmeans-update"

QUESTIONS = (
    Question(
        id="other.double",
        signature="double(x)",
        returns=("doubled",),
        draw=lambda rng: (Case("random", (rng.normal(size=5),)),),
        reference=lambda x: 2 * x,
        checks=(
            shapes("One number comes back for each.", ("doubled",), ("random",), weight=1, see=SEE),
            values("The numbers are right.", "doubled", ("random",), weight=2, see=SEE),
        ),
    ),
)
