"""What a detector's SavedModel serves under the endpoint `boxes`, in a process that has TensorFlow only."""

import json
import subprocess
import sys

import numpy as np

from keras_cv_course.lesson.export import export

SERVE = """
import json, sys, numpy as np, tensorflow as tf
served = tf.saved_model.load(sys.argv[1])  # kept: with it go its variables
found = served.boxes(tf.constant(np.load(sys.argv[2])))
print(json.dumps({name: values.numpy().tolist() for name, values in found.items()}))
assert "keras_cv_course" not in sys.modules
"""


def serves_its_boxes(model, folder, batches):
    """Export a model with `detect`, and compare what is served for each batch of images with what it detects itself."""
    shape = (None, *batches[0].shape[1:])
    export(model, folder, shape, {"boxes": (model.detect, shape)})
    for images in batches:
        np.save(folder / "images.npy", images)
        command = [sys.executable, "-c", SERVE, str(folder / "serve"), str(folder / "images.npy")]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        served = json.loads(done.stdout)
        ours = {name: np.asarray(values) for name, values in model.detect(images).items()}
        assert set(served) == set(ours) == {"boxes", "scores", "labels", "count"}
        assert ours["boxes"].shape == (len(images), 50, 4) and np.all(ours["count"] > 0)
        for name, values in ours.items():
            np.testing.assert_allclose(served[name], values, atol=1e-4)
