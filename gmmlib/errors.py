"""Everything that gmmlib raises or warns with. All errors are a GmmError:

- InvalidInputError (also a ValueError): the input cannot be used; says what, where and the remedy.
- CollapsedComponentError (also a ValueError): a component shrank onto too few points; names the cure.
- NotFittedError (also a ValueError and an AttributeError): something was asked of a model before fit.

A ConvergenceWarning says that EM stopped before it converged.
"""

from __future__ import annotations


class GmmError(Exception):
    """Base of all errors of gmmlib."""


class InvalidInputError(GmmError, ValueError):
    """The input cannot be used; the message says what is wrong, where, and what to do."""


class NotFittedError(GmmError, ValueError, AttributeError):
    """Something was asked of a model that has not been fitted."""


class ConvergenceWarning(UserWarning):
    """EM stopped before its stopping rule was met."""


class CollapsedComponentError(GmmError, ValueError):
    """A component's covariance is not numerically positive definite, or it owns no point.

    Attributes
    ----------
    component : index of the component, 0 to K - 1; None where a single Gaussian is meant
    count : how many points it owns in effect, Σ_i r_ik; None if unknown
    condition : condition number of its covariance, each feature in units of the component's own deviation;
        infinity if singular, None if unknown
    reason : what is wrong with it, in words that go on from its name
    """

    cure = (
        "Cures: cure=Floor(1e-6), cure=InverseWishart() or cure=EigenvalueRatio(100) from gmmlib.cures, "
        "covariance_type='tied', fewer components, or another start."
    )

    def __init__(
        self,
        component: int | None,
        count: float | None = None,
        condition: float | None = None,
        reason: str = "",
    ) -> None:
        self.component = component
        self.count = count
        self.condition = condition
        who = "The covariance" if component is None else f"Component {component}"
        self.reason = reason or "is not numerically positive definite"
        facts = [self.reason]
        if count is not None:
            facts.append(f"it owns {count:.4g} points in effect")
        if condition is not None:
            facts.append(f"the condition number of its covariance is {condition:.3g}")
        super().__init__(f"{who} collapsed: {'; '.join(facts)}. {self.cure}")

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.component, self.count, self.condition, self.reason)
