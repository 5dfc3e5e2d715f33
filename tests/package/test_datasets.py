"""The data are those that other packages distribute, and can be split and named."""

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.datasets import load_diabetes
from statsmodels.datasets import macrodata

from olsattn import datasets


def test_diabetes_is_the_published_data_set():
    data, published = datasets.diabetes(), load_diabetes(scaled=False)
    assert data.X.shape == (442, 11) and data.X.dtype == data.y.dtype == float
    assert (data.X[:, 0] == 1).all()
    assert (data.X[:, 1:] == published.data).all() and (data.y == published.target).all()
    assert data.names[:5] == ("intercept", "age", "sex", "body mass", "pressure")
    assert data.names[5:] == tuple(published.feature_names[4:])
    assert repr(data).startswith("Regression(442 rows; disease progression after one year on intercept, age, sex,")


def test_us_macro_is_the_published_quarterly_series():
    data, published = datasets.us_macro(), macrodata.load_pandas().data.iloc[1:]
    assert data.values.shape == (202, 3) and len(data.dates) == 202 and data.values.dtype == float
    for name, column in {"inflation": "infl", "unemployment": "unemp", "interest": "tbilrate"}.items():
        assert (data.column(name) == published[column].to_numpy()).all()
    assert data.dates == tuple(f"{int(row.year)}Q{int(row.quarter)}" for row in published.itertuples())
    assert repr(data) == "Series(1959Q2 to 2009Q3: inflation, unemployment, interest)"
    with pytest.raises(ValueError, match="no series 'gdp': the names are inflation, unemployment, interest"):
        data.column("gdp")


@pytest.mark.parametrize(("controls", "rows", "effect", "error"), [
    ("lottery", 445, 1794, 633),  # Dehejia and Wahba's benchmark
    ("survey", 16177, 699, 548),
])
def test_job_training_is_the_published_selection(controls, rows, effect, error):
    data = datasets.job_training(controls)
    names = ("intercept", "trained", "age", "schooling", "black", "hispanic", "married", "no degree", "earnings 1974",
             "earnings 1975")
    assert data.names == names and data.X.shape == (rows, 10) and data.X.dtype == data.y.dtype == float
    assert (data.X[:, 0] == 1).all() and (data.X[:185, 1] == 1).all() and (data.X[185:, 1] == 0).all()
    assert np.isin(data.X[:, [4, 5, 6, 7]], (0, 1)).all() and (data.X[:, 4] + data.X[:, 5] <= 1).all()
    assert ((data.X[:, 3] < 12) == data.X[:, 7]).all()
    assert (data.X[:, 8:] == data.X[:, 8:].round()).all() and data.X.min() == data.y.min() == 0
    fit = sm.OLS(data.y, data.X[:, :2] if controls == "lottery" else data.X).fit()
    assert (round(fit.params[1]), round(fit.bse[1])) == (effect, error)


def test_means_of_job_training_are_those_that_causaldata_gives_before_rounding():
    lottery, survey = datasets.job_training("lottery"), datasets.job_training()
    trained, drawn, others = lottery.X[:185, 2:], lottery.X[185:, 2:], survey.X[185:, 2:]
    assert np.array_equal(trained, survey.X[:185, 2:]) and np.array_equal(lottery.y[:185], survey.y[:185])
    published = [
        (trained, [25.816216, 10.345946, 0.843243, 0.059459, 0.189189, 0.708108, 2095.573730, 1532.055176]),
        (drawn, [25.053846, 10.088462, 0.826923, 0.107692, 0.153846, 0.834615, 2107.026611, 1266.909058]),
        (others, [33.225238, 12.027514, 0.073537, 0.072036, 0.711731, 0.295835, 14016.800360, 13650.803522]),
    ]
    for rows, means in published:
        assert np.abs(rows.mean(axis=0) - means)[:6].max() < 1e-6
        assert np.abs(rows.mean(axis=0) - means)[6:].max() < 0.1  # whole dollars; many of the survey are at the cap
    for y, mean in ((lottery.y[:185], 6349.143066), (lottery.y[185:], 4554.800781), (survey.y[185:], 14846.6598)):
        assert y.mean() == pytest.approx(mean, abs=0.1)


@pytest.mark.parametrize("controls", ["cps", "", None])
def test_job_training_knows_two_groups_of_controls(controls):
    with pytest.raises(ValueError, match=f"controls must be 'lottery' or 'survey', got {controls!r}"):
        datasets.job_training(controls)


def test_split_is_a_partition():
    data = datasets.diabetes()
    train, test = data.split(100, seed=3)
    assert train.X.shape == (342, 11) and test.X.shape == (100, 11)
    joined = np.column_stack([np.vstack([train.X, test.X]), np.concatenate([train.y, test.y])])
    whole = np.column_stack([data.X, data.y])
    assert sorted(map(tuple, joined)) == sorted(map(tuple, whole))
    assert train.names == test.names == data.names and train.response == data.response


def test_split_follows_its_seed():
    data = datasets.diabetes()
    first, again, other = (data.split(10, seed=seed)[1].X for seed in (0, 0, 1))
    assert (first == again).all() and (first != other).any()
    assert (data.split(10)[1].X == first).all()
    # the permutation that the book's numbers were made with
    assert (first == data.X[np.random.default_rng(0).permutation(442)[:10]]).all()


@pytest.mark.parametrize("size", [0, 442, -1, 1.0, True])
def test_split_leaves_rows_on_both_sides(size):
    with pytest.raises(ValueError, match=f"test_size must be a whole number of at least 1 and at most 441, got {size}"):
        datasets.diabetes().split(size)


@pytest.mark.parametrize("size", [1, 441])
def test_split_takes_a_single_row(size):
    train, test = datasets.diabetes().split(size)
    assert len(test.y) == size and len(train.y) == 442 - size


def test_scatter_is_the_cloud_of_the_explorer():
    points, values = datasets.scatter()
    assert points.T.tolist() == [
        [0.1, -0.0, -0.7, -1.3, -0.7, 0.2, 1.5, -2.4, 0.7, 1.3, 1.8, 0.8],
        [1.0, 1.9, -0.0, -0.9, 1.7, 0.0, 0.8, -2.5, 1.2, 1.5, -0.2, 2.0],
    ]
    assert values.tolist() == [1.8, 0.4, -0.6, -0.4, 0.0, 1.3, 2.6, 0.3, 0.8, 2.2, 2.3, -0.4]
    assert np.abs(points).max() <= 2.8 and (points == points.round(1)).all() and (values == values.round(1)).all()
    many = [datasets.scatter(seed) for seed in range(400)]
    assert (min(p.min() for p, _ in many), max(p.max() for p, _ in many)) == (-2.8, 2.8)  # cut, to stay in the picture
    clouds, responses = np.concatenate([p for p, _ in many]), np.concatenate([v for _, v in many])
    assert np.abs(np.cov(clouds.T) - [[1.7, 0.8], [0.8, 1.2]]).max() < 0.12
    design = np.column_stack([np.ones(len(clouds)), clouds])
    b, residual = np.linalg.lstsq(design, responses, rcond=None)[:2]
    assert np.abs(b - [1, 1, -0.5]).max() < 0.03 and residual[0] / len(design) == pytest.approx(0.25, abs=0.02)


def test_standardised_columns_keep_the_fit():
    data = datasets.diabetes()
    scaled = data.standardised()
    assert np.array_equal(scaled.X[:, 0], np.ones(442)) and scaled.names == data.names
    assert np.allclose(scaled.X[:, 1:].mean(axis=0), 0) and np.allclose(scaled.X[:, 1:].std(axis=0), 1)
    fits = [X @ np.linalg.lstsq(X, data.y, rcond=None)[0] for X in (data.X, scaled.X)]
    assert np.allclose(*fits)
