"""`python -m tests.lesson.devices.two_devices FOLDER`: trains `small_lesson` on one and on two virtual CPUs.

Leaves FOLDER/found.json, {case: what the lesson left}; the cases are one device, two, two and resumed, and one and two
with a loss of Keras'.
"""

import json
import os
import sys

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"
# A device may get no row of a batch, and oneDNN's convolution gives those no rows the shape of its input.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

from keras_cv_course.lesson.start import load_keras_quietly


class Killed(BaseException):
    """Ends a run as a signal does."""


def killed_after(epoch):
    """Let the next runs end after this epoch, with a checkpoint."""
    from keras_cv_course.lesson import record

    def dies(self, number, logs=None):
        before(self, number, logs)
        if number == epoch:
            raise Killed

    record.SECONDS_BETWEEN_CHECKPOINTS = 0
    before, record.Record.on_epoch_end = record.Record.on_epoch_end, dies
    return lambda: setattr(record.Record, "on_epoch_end", before)


def main(folder):
    if os.environ["KERAS_BACKEND"] == "tensorflow":
        import tensorflow as tf

        cpus = tf.config.list_physical_devices("CPU")
        tf.config.set_logical_device_configuration(cpus[0], [tf.config.LogicalDeviceConfiguration()] * 2)
    load_keras_quietly()
    from tests.lesson.devices.small_lesson import small

    found = {}

    def run(case, **options):
        places = {"output": f"{folder}/{case}", "saved_models": f"{folder}/{case}.models"}
        done = small(**places, **options)
        found[case] = json.loads((done.folder / "found.json").read_text())
        found[case]["devices"] = done.result.get("devices")

    run("one", devices=1)
    run("two")
    alive = killed_after(0)
    try:
        run("resumed", devices=2)
    except Killed:
        alive()
    run("resumed", devices=2, resume=True)
    run("one, Keras' loss", devices=1, own_loss=False)
    run("two, Keras' loss", devices=2, own_loss=False)
    with open(f"{folder}/found.json", "w") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main(sys.argv[1])
