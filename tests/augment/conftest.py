"""Fixtures of the augmentations' tests."""

import numpy as np
import pytest

from tests.augment.boxed_batches import batch_of_boxes


@pytest.fixture
def boxed():
    return batch_of_boxes()


@pytest.fixture
def rng():
    return np.random.default_rng(20261121)
