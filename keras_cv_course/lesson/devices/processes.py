"""Several processes that train one model: what their launcher says, and which of them writes."""

import contextlib
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import keras

from keras_cv_course.errors import InputError

# Where a launcher says how many processes it has started: `srun` (a job step's own number: a batch script outside of
# any step sees that of its job), Open MPI's `mpirun`, and Kubeflow or whoever sets JAX's variables by hand.
LAUNCHERS = ("SLURM_STEP_NUM_TASKS", "OMPI_COMM_WORLD_SIZE", "JAX_NUM_PROCESSES")
# What JAX's errors say when another process of the run is gone; their classes differ: JaxRuntimeError, ValueError.
LOST = re.compile(
    r"\b(Gloo|NCCL)\b.* (failed|error)|coordination service|heartbeat timeout|(reset|closed) by peer"
)


def launched_together():
    """How many processes the launcher has started for this run; 1 where there is no launcher."""
    said = [os.environ[name] for name in LAUNCHERS if os.environ.get(name)]
    if not said:
        return 1
    if not said[0].isdigit():
        raise InputError(f"{' or '.join(LAUNCHERS)} must be the number of processes, received {said[0]!r}")
    return int(said[0])


def join():
    """Let this process find the others, before anything is computed; all but the first then print nothing.

    Under `srun` and Open MPI, JAX itself finds out who they are. Elsewhere JAX_COORDINATOR_ADDRESS (host:port of
    process 0), JAX_NUM_PROCESSES and JAX_PROCESS_ID say it, as in Kubeflow's TrainJob.

    Raises:
        InputError: the backend is not JAX, or the others cannot be found.
    """
    together = launched_together()
    if together == 1:
        return
    if keras.backend.backend() != "jax":
        raise InputError(
            f"{together} processes were started together: that needs KERAS_BACKEND=jax; on other backends start one"
        )
    named = {}
    if "JAX_NUM_PROCESSES" in os.environ:
        missing = [n for n in ("JAX_COORDINATOR_ADDRESS", "JAX_PROCESS_ID") if not os.environ.get(n)]
        if missing:
            raise InputError(f"JAX_NUM_PROCESSES is {together}; set {' and '.join(missing)}, too")
        named = {
            "job_addresses": os.environ["JAX_COORDINATOR_ADDRESS"],
            "num_processes": together,
            "process_id": int(os.environ["JAX_PROCESS_ID"]),
        }
    # Gloo prints there, too.
    sys.stdout.flush()
    screen = os.dup(1)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    number = None
    try:
        keras.distribution.initialize(**named)
        number = process_number()
    except (RuntimeError, ValueError) as error:
        raise InputError(f"the {together} processes of this run did not find each other: {error}") from error
    finally:
        if not number:
            os.dup2(screen, 1)
        os.close(screen)


def process_count():
    """How many processes train together."""
    if keras.backend.backend() != "jax" or launched_together() == 1:
        return 1
    import jax

    return jax.process_count()


def process_number():
    """The number of this process; 0 is the one that writes."""
    if process_count() == 1:
        return 0
    import jax

    return jax.process_index()


@contextlib.contextmanager
def own_folders(output, saved_models, name, resume):
    """Give the folders that this process may write to: those of the user to the first one, others to the rest.

    The others' are temporary. To resume, they read what the first one has left, so all hosts must share a file
    system; all of them have read it before any goes on.

    Args:
        output, saved_models: folders that the user has named.
        name: the lesson's.
        resume: whether an interrupted run goes on.
    """
    if process_count() == 1:
        yield output, saved_models
        return
    from jax.experimental import multihost_utils

    with contextlib.ExitStack() as stack:
        if process_number() > 0:
            aside = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            left = output / f"{name}.partial"
            if resume and left.exists():
                shutil.copytree(left, aside / "runs" / left.name)
            output, saved_models = aside / "runs", aside / "models"
        multihost_utils.sync_global_devices("interrupted run read")
        yield output, saved_models


def lost_process(error):
    """What to say of an error that means that another process of the run has ended, or None."""
    if process_count() == 1 or not LOST.search(str(error)):
        return None
    first = str(error).splitlines()[0][:200]
    return f"another process of this run has ended ({first}); the same command with --resume goes on"
