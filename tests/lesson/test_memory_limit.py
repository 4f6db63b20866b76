import sys

import numpy as np
import pytest

from keras_cv_course.lesson.memory_limit import limited_memory


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone counts it")
def test_two_small_arrays_do_not_become_a_large_one():
    """What a check computes may be of any size: (4,000,000, 1) - (1, 200) has 6.4 GB."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_DATA)
    with limited_memory(2**28):
        assert np.ones(10**6).sum() == 10**6
        with pytest.raises(MemoryError):
            np.zeros((4_000_000, 1)) - np.zeros((1, 200))
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
