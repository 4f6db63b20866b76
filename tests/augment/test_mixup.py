import numpy as np
import pytest
from scipy import stats

from keras_cv_course.augment.mixup import mix, partners, random_mixup
from keras_cv_course.errors import InputError
from tests.augment.boxed_batches import batch_of_boxes


def test_a_mixture_by_hand():
    images = np.array([[0.0, 1.0], [0.8, 0.2]]).reshape(2, 1, 2, 1)
    np.testing.assert_allclose(mix(images, images[::-1], [0.25, 1.0]).ravel(), [0.6, 0.4, 0.8, 0.2])


def test_everybody_meets_somebody_else_once(rng):
    for count in (2, 3, 64):
        for _ in range(20):
            other = partners(count, rng)
            assert sorted(other) == list(range(count)) and (other != np.arange(count)).all()
    assert partners(1, rng).tolist() == [0]


@pytest.mark.parametrize("alpha", (0.2, 1.0, 4.0))
def test_shares_are_drawn_from_the_beta_distribution(alpha, rng):
    """Kolmogorov-Smirnov; every image has a class of its own, so that its share can be read off."""
    shares = []
    for _ in range(10):
        batch = {"images": np.zeros((200, 1, 1, 1)), "labels": np.eye(200)}
        shares.append(np.diagonal(random_mixup(batch, rng, alpha)["labels"]))
    assert stats.kstest(np.concatenate(shares), stats.beta(alpha, alpha).cdf).pvalue > 0.05
    wrong = stats.beta(alpha, 2 * alpha).cdf  # 2,000 draws do tell
    assert stats.kstest(np.concatenate(shares), wrong).pvalue < 1e-6


@pytest.mark.parametrize("integers", (True, False))
def test_pixels_labels_and_masks_are_mixed_by_the_same_share(integers, rng):
    """Image k is k / 20 everywhere, of the class k: the mixed pixel is the mixed label's mean class."""
    numbers = np.arange(20)
    images = (numbers[:, None, None, None] / 20 * np.ones((1, 3, 4, 2))).astype("float32")
    one_hot = np.eye(20, dtype="float32")
    batch = {
        "images": images,
        "labels": numbers if integers else one_hot,
        "masks": np.tile(one_hot[:, None, None], (1, 3, 4, 1)),
    }
    result = random_mixup(batch, rng, alpha=1.0, classes=20)
    labels = result["labels"]
    assert labels.shape == (20, 20) and labels.dtype == "float32"
    np.testing.assert_allclose(labels.sum(axis=1), 1, atol=1e-6)
    assert ((labels > 0).sum(axis=1) == 2).all()
    expected = (labels @ numbers / 20)[:, None, None, None]
    np.testing.assert_allclose(result["images"], np.broadcast_to(expected, images.shape), atol=1e-6)
    np.testing.assert_array_equal(result["masks"], np.broadcast_to(labels[:, None, None], (20, 3, 4, 20)))


def test_the_boxes_of_both_images_are_there(rng):
    batch = batch_of_boxes(6)
    batch["masks"] = np.eye(2)[batch["masks"]]
    batch["labels"] = np.eye(6)
    result = random_mixup(batch, rng, alpha=1.0)
    other = np.where(np.eye(6, dtype=bool), 0, result["labels"]).argmax(axis=1)
    for field in ("boxes", "box_classes"):
        expected = np.concatenate([batch[field], batch[field][other]], axis=1)
        np.testing.assert_array_equal(result[field], expected)


def test_an_image_alone_in_its_batch_stays_as_it_is(rng):
    batch = batch_of_boxes(1)
    batch["masks"] = np.eye(2)[batch["masks"]]
    result = random_mixup(batch, rng, classes=5)
    np.testing.assert_array_equal(result["images"], batch["images"])
    np.testing.assert_array_equal(result["labels"], np.eye(5)[batch["labels"]])
    np.testing.assert_array_equal(result["boxes"][0], [batch["boxes"][0, 0], [-1] * 4])


def test_bad_arguments(rng):
    batch = batch_of_boxes(3)
    for alpha in (0, -1, float("nan"), float("inf")):
        with pytest.raises(InputError, match="alpha of the Beta distribution"):
            random_mixup(batch, rng, alpha)
    with pytest.raises(InputError, match="give classes="):
        random_mixup(batch, rng)
    for masks in (batch["masks"], batch["masks"].astype(float), np.eye(2, dtype=int)[batch["masks"]]):
        with pytest.raises(InputError, match="masks of class numbers cannot be mixed"):
            random_mixup({**batch, "masks": masks}, rng, classes=5)
