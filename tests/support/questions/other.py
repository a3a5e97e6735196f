"""The question of the assignment "other"."""

from autograder.questions import Case, Part, Question, relative, shapes, values

SEE = "kmeans-update"
DOUBLED = Part("doubled", "(5,)", relative)

QUESTIONS = (
    Question(
        id="other.double",
        signature="double(x)",
        returns=(DOUBLED,),
        draw=lambda rng: (Case("random", (rng.normal(size=5),)),),
        reference=lambda x: 2 * x,
        checks=(
            shapes("One number comes back for each.", ("random",), weight=1, see=SEE),
            values("The numbers are right.", DOUBLED, ("random",), weight=2, see=SEE),
        ),
    ),
)
