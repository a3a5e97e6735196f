"""gmmlib.GaussianMixture: scikit-learn's conventions, and its faults that this class does not have."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest
import sklearn.exceptions
from scipy import sparse
from sklearn.base import clone
from sklearn.mixture import GaussianMixture as Theirs
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gmmlib import GaussianMixture, errors
from tests.unit.gmmlib.examples import FAITHFUL

TYPES = ["full", "tied", "diag", "spherical"]


@pytest.mark.parametrize("name", TYPES)
def test_from_the_same_start_it_takes_the_same_path(name):
    rng = np.random.default_rng(0)
    precisions = {
        "full": np.stack([np.eye(2)] * 2),
        "tied": np.eye(2),
        "diag": np.ones((2, 2)),
        "spherical": np.ones(2),
    }
    settings = {
        "covariance_type": name,
        "reg_covar": 0.0,
        "weights_init": [0.5, 0.5],
        "means_init": FAITHFUL[rng.choice(272, 2)],
        "precisions_init": precisions[name],
    }
    ours, theirs = GaussianMixture(2, **settings).fit(FAITHFUL), Theirs(2, **settings).fit(FAITHFUL)
    assert ours.n_iter_ == theirs.n_iter_
    for attribute in ("weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_"):
        np.testing.assert_allclose(getattr(ours, attribute), getattr(theirs, attribute), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(ours.lower_bounds_[:-1], theirs.lower_bounds_[1:], rtol=1e-9)
    for method in ("predict", "predict_proba", "score_samples", "bic", "aic"):
        np.testing.assert_allclose(
            getattr(ours, method)(FAITHFUL), getattr(theirs, method)(FAITHFUL), atol=1e-6
        )


def test_the_lower_bound_belongs_to_the_returned_parameters():
    for most in (0, 1, 3, 100):
        model = GaussianMixture(2, max_iter=most, tol=1e-3, random_state=0)
        if most in (1,):
            model.set_params(tol=0.0)
            with pytest.warns(sklearn.exceptions.ConvergenceWarning, match="did not converge"):
                model.fit(FAITHFUL)
        else:
            model.fit(FAITHFUL)
        assert model.lower_bound_ == pytest.approx(model.score(FAITHFUL), rel=1e-12)
        assert len(model.lower_bounds_) == model.n_iter_ <= most


@pytest.mark.parametrize("apart", [2.0, 6.0, 60.0])
def test_on_large_data_an_iteration_is_foreseen_and_little_is_lost(apart, monkeypatch):
    X = np.random.default_rng(0).standard_normal((30_000, 2))
    X[:9_000, 0] += apart
    foreseeing = GaussianMixture(2, random_state=0).fit(X)
    monkeypatch.setattr("gmmlib.gaussian_mixture.LARGE", np.inf)
    seeing = GaussianMixture(2, random_state=0).fit(X)
    assert foreseeing.converged_
    assert 1 <= foreseeing.n_iter_ <= seeing.n_iter_ <= foreseeing.n_iter_ + 1
    assert seeing.lower_bound_ - foreseeing.lower_bound_ < 1e-4
    assert -1e-12 <= foreseeing.score(X) - foreseeing.lower_bound_ < foreseeing.tol / 20
    assert seeing.lower_bound_ == pytest.approx(seeing.score(X), abs=1e-9)


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_an_offset_does_not_break_any_family(name, dtype):
    offset = 2.0**27 if dtype is np.float64 else 2.0**13
    X = (FAITHFUL - FAITHFUL.mean(axis=0)).astype(dtype)
    moved = (X + dtype(offset)).astype(dtype)
    here = GaussianMixture(2, covariance_type=name, random_state=0).fit((moved - dtype(offset)).astype(dtype))
    there = GaussianMixture(2, covariance_type=name, random_state=0).fit(moved)
    assert there.covariances_.dtype == dtype
    np.testing.assert_allclose(there.covariances_, here.covariances_, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("factor", [1e-6, 1e-3, 1e6])
def test_the_floor_follows_the_unit_of_the_data(factor):
    here, there = (GaussianMixture(2, random_state=0).fit(FAITHFUL * f) for f in (1.0, factor))
    np.testing.assert_allclose(there.covariances_ / factor**2, here.covariances_, rtol=1e-6)


@pytest.mark.parametrize("init", ["kmeans", "k-means++", "random", "random_from_data"])
def test_starting_weights_sum_to_one_and_no_start_is_degenerate(init):
    model = GaussianMixture(3, init_params=init, max_iter=0, random_state=0).fit(FAITHFUL)
    assert model.weights_.sum() == pytest.approx(1.0)
    spread = np.linalg.eigvalsh(model.covariances_ / np.outer(FAITHFUL.std(axis=0), FAITHFUL.std(axis=0)))
    assert spread.min() > 1e-3


def test_it_is_an_estimator_for_clone_pipeline_grid_search_and_pickle():
    model = GaussianMixture(2, random_state=0)
    assert clone(model).get_params() == model.get_params()
    pipe = make_pipeline(StandardScaler(), model)
    labels = pipe.fit(FAITHFUL).predict(FAITHFUL)
    assert set(labels.tolist()) == {0, 1}
    search = GridSearchCV(GaussianMixture(random_state=0), {"n_components": [1, 2]}).fit(FAITHFUL)
    assert search.best_params_ == {"n_components": 2}
    again = pickle.loads(pickle.dumps(model.fit(FAITHFUL)))
    np.testing.assert_array_equal(again.predict(FAITHFUL), model.predict(FAITHFUL))
    assert repr(model) == "GaussianMixture(n_components=2, random_state=0)"


def test_a_sample_weight_counts_and_a_random_state_repeats():
    half = GaussianMixture(2, random_state=0).fit(FAITHFUL, sample_weight=np.r_[np.ones(136), np.zeros(136)])
    np.testing.assert_allclose(half.means_, GaussianMixture(2, random_state=0).fit(FAITHFUL[:136]).means_)
    X, labels = half.sample(20)
    again, _ = half.sample(20)
    np.testing.assert_array_equal(X, again)
    assert np.all(np.diff(labels) >= 0)


def test_without_scikit_learn_its_errors_are_our_own():
    code = (
        "import sys, gmmlib, warnings\n"
        "assert not {'sklearn', 'scipy', 'matplotlib', 'pandas', 'dask', 'ipywidgets'} & set(sys.modules)\n"
        "try:\n    gmmlib.GaussianMixture().predict([[0.0]])\n"
        "except gmmlib.NotFittedError as error:\n    assert 'not fitted yet' in str(error)\n"
        "with warnings.catch_warnings(record=True) as seen:\n    warnings.simplefilter('always')\n"
        "    gmmlib.GaussianMixture(2, max_iter=1, tol=0).fit([[0.0], [1.0], [5.0], [7.0]])\n"
        "assert seen[0].category is gmmlib.ConvergenceWarning\n"
        "assert 'sklearn' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(sklearn.exceptions.NotFittedError, match="not fitted yet"):
        GaussianMixture().predict(FAITHFUL)


@pytest.mark.parametrize(
    ("X", "settings", "says"),
    [
        (FAITHFUL[:, 0], {}, "Expected 2D array, got 1D array"),
        (np.full((3, 1), np.nan), {}, "Input X holds nan"),
        (FAITHFUL[:1], {}, "minimum of 2 is required"),
        (FAITHFUL[:2], {"n_components": 3}, "Expected n_samples >= n_components but got n_components = 3"),
        (FAITHFUL, {"n_components": 0}, "The 'n_components' parameter of GaussianMixture must be an int"),
        (FAITHFUL, {"n_components": 1.5}, "must be an int"),
        (FAITHFUL, {"tol": -1.0}, "The 'tol' parameter of GaussianMixture must be a float"),
        (FAITHFUL, {"covariance_type": "round"}, "must be a str among"),
        (FAITHFUL, {"init_params": "luck"}, "must be a str among"),
        (FAITHFUL, {"random_state": "dice"}, "cannot be used to seed"),
        (FAITHFUL, {"n_components": 2, "weights_init": [0.5]}, "'weights' should have the shape"),
        (FAITHFUL, {"precisions_init": -np.ones((1, 2, 2))}, "should be symmetric, positive-definite"),
        (
            np.column_stack([FAITHFUL, np.ones(272)]),
            {"reg_covar": 0.0},
            "Feature 2 of X has the same value",
        ),
        (
            np.repeat([[0.0, 1.0], [1.0, 0.0]], 5, axis=0),
            {"n_components": 2, "reg_covar": 0.0},
            "ill-defined",
        ),
    ],
)
def test_bad_input_is_refused_in_scikit_learns_words(X, settings, says):
    with pytest.raises(errors.InvalidInputError, match=says):
        GaussianMixture(**settings).fit(X)


def test_other_features_than_fitted_are_refused():
    model = GaussianMixture(2, random_state=0).fit(FAITHFUL)
    with pytest.raises(ValueError, match="X has 1 features, but GaussianMixture is expecting 2"):
        model.predict(FAITHFUL[:, :1])
    with pytest.raises(ValueError, match="Invalid parameter 'colour'"):
        model.set_params(colour=1)


class Frame(np.ndarray):
    """An array with names of its columns, as a data frame has them."""

    columns: tuple[str, ...] = ()


def framed(X, *names):
    frame = np.asarray(X).view(Frame)
    frame.columns = names
    return frame


def test_columns_in_another_order_are_refused_as_scikit_learn_does():
    model = GaussianMixture(2, random_state=0).fit(framed(FAITHFUL, "duration", "pause"))
    assert (model.predict(framed(FAITHFUL, "duration", "pause")) == model.fit_predict(FAITHFUL)).all()
    model.fit(framed(FAITHFUL, "duration", "pause"))
    with pytest.raises(ValueError, match="must be in the same order as they were in fit"):
        model.predict(framed(FAITHFUL[:, ::-1], "pause", "duration"))
    with pytest.raises(ValueError, match=r"unseen at fit time:\n- wait\n.*yet now missing:\n- pause"):
        model.score(framed(FAITHFUL, "duration", "wait"))
    with pytest.warns(UserWarning, match="X does not have valid feature names, but GaussianMixture was"):
        model.predict(FAITHFUL)


def test_names_of_an_earlier_fit_are_forgotten():
    model = GaussianMixture(2, random_state=0).fit(framed(FAITHFUL, "duration", "pause")).fit(FAITHFUL)
    assert not hasattr(model, "feature_names_in_")
    with pytest.warns(UserWarning, match="X has feature names, but GaussianMixture was fitted without"):
        model.predict(framed(FAITHFUL, "duration", "pause"))


@pytest.mark.parametrize("name", TYPES)
def test_parameters_that_are_known_need_no_fit(name):
    covariances = {
        "full": np.stack([np.eye(2)] * 2),
        "tied": np.eye(2),
        "diag": np.ones((2, 2)),
        "spherical": np.ones(2),
    }
    model = GaussianMixture(2, covariance_type=name, random_state=0)
    model.weights_, model.means_ = np.array([0.25, 0.75]), np.array([[0.0, 0.0], [9.0, 9.0]])
    assert not model.__sklearn_is_fitted__()
    model.covariances_ = covariances[name]
    X, labels = model.sample(4000)
    assert (model.predict(X) == labels).all()
    assert labels.mean() == pytest.approx(0.75, abs=0.05)
    assert model.score([[0.0, 0.0]]) == pytest.approx(np.log(0.25 / (2 * np.pi)))
    with pytest.raises(ValueError, match="expecting 2 features"):
        model.predict([[1.0]])


@pytest.mark.parametrize("name", ["full", "diag"])
def test_a_constant_column_gets_the_floor_and_a_note_and_changes_no_label(name):
    settings = {"n_components": 2, "covariance_type": name, "random_state": 0}
    plain = GaussianMixture(**settings).fit(FAITHFUL)
    model = GaussianMixture(**settings)
    with pytest.warns(UserWarning, match=r"Features \[1\] of X have the same value at every point"):
        model.fit(np.insert(FAITHFUL, 1, 7.0, axis=1))
    X = np.insert(FAITHFUL, 1, 7.0, axis=1)
    assert (model.predict(X) == plain.predict(FAITHFUL)).all()
    variances = model.covariances_[:, 1, 1] if name == "full" else model.covariances_[:, 1]
    np.testing.assert_allclose(variances, 1e-8 * FAITHFUL.var(axis=0).mean(), rtol=1e-6)
    np.testing.assert_allclose(model.means_[:, [0, 2]], plain.means_, rtol=1e-6)


def test_a_sparse_matrix_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r"X is a sparse matrix, .*pass X\.toarray\(\)"):
        GaussianMixture(2).fit(sparse.csr_array(FAITHFUL))
