import numpy as np
import pytest
from sklearn.decomposition import PCA

from keras_cv_course.baselines.principal_components import PrincipalComponents
from keras_cv_course.errors import InputError


def correlated_images(count, side=4, seed=0):
    """Images around 0.5 whose pixels vary together, more along some directions than along others."""
    rng = np.random.default_rng(seed)
    flat = rng.standard_normal((count, side**2)) @ rng.standard_normal((side**2, side**2)) / 10
    return (0.5 + flat).astype("float32").reshape(count, side, side, 1)


def test_principal_components_are_scikit_learns():
    train, test = np.split(correlated_images(200), [150])
    ours, theirs = PrincipalComponents(3).fit(train), PCA(3).fit(train.reshape(150, 16))
    assert ours.encode(test).shape == (50, 3)
    expected = theirs.inverse_transform(theirs.transform(test.reshape(50, 16))).reshape(test.shape)
    np.testing.assert_allclose(ours.predict(test), expected, atol=1e-5)
    np.testing.assert_allclose(ours.decode(np.zeros((1, 3)))[0], train.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(PrincipalComponents(16).fit(train).predict(test), test, atol=1e-5)


@pytest.mark.parametrize("latent", (0, 17))
def test_bad_arguments(latent):
    with pytest.raises(InputError, match=f"latent={latent}"):
        PrincipalComponents(latent).fit(correlated_images(20))
