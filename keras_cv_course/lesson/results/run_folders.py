"""The two folders of a run: held against other runs, written aside, and seen only when the run is complete."""

import contextlib
import json
import shutil

from keras_cv_course.errors import InputError
from keras_cv_course.file_lock import locked
from keras_cv_course.lesson.publish import publish, recover, write_json

HELD = {}  # the locks of this process' runs, by the folder of the results


class RunFolders:
    """Where a run writes, and where what it has written goes in the end.

    Args:
        name: the lesson's.
        output, saved_models: folders; results go to `<output>/<name>/`, the model to `<saved_models>/<name>/`.

    Attributes:
        results, models: where readers look.
        work, staged: their neighbours `<name>.partial`, where the run writes.

    Raises:
        InputError: results and model go to one folder.
    """

    def __init__(self, name, output, saved_models):
        if output.resolve() == saved_models.resolve():
            raise InputError(f"results and saved models both go to {output}: name two folders")
        self.name = name
        self.results, self.models = output / name, saved_models / name
        self.work, self.staged = (
            folder.with_name(f"{folder.name}.partial") for folder in (self.results, self.models)
        )
        self.locks = contextlib.ExitStack()

    def open(self, identity, resume):
        """Hold the folders, then make those to write in, or take up those of an interrupted run.

        Args:
            identity: {argument: value} that make two runs the same run.
            resume: go on with an interrupted run.

        Raises:
            InputError: another process holds them; there is nothing to resume, or it had another identity.
        """
        self._hold()
        try:
            self._make(json.loads(json.dumps(identity, default=str)), resume)
        except BaseException:
            self.release()
            raise

    def _hold(self):
        """Lock both folders against other processes, until the run ends.

        A notebook's cell that starts anew takes the place of the run that it has started before.
        """
        HELD.pop(self.results.resolve(), contextlib.ExitStack()).close()
        said = "a run of {} is going on in {}; wait for it, or use another {}"
        for folder, option in ((self.results, "--output"), (self.models, "--saved-models")):
            words = said.format(self.name, folder.parent, option)
            self.locks.enter_context(locked(folder.with_name(f".{folder.name}.lock"), words))
        HELD[self.results.resolve()] = self.locks

    def _make(self, asked, resume):
        noted = self.work / "run.json"
        for folder in (self.results, self.models):
            recover(folder)
        if resume and noted.exists():
            before = json.loads(noted.read_text(encoding="utf-8"))
            different = [key for key in asked if asked[key] != before.get(key)]
            if different:
                changes = ", ".join(f"{key} was {before.get(key)} and is {asked[key]}" for key in different)
                raise InputError(f"the interrupted run in {self.work} had other arguments: {changes}")
        elif resume:
            raise InputError(f"there is no interrupted run in {self.work} to resume; leave --resume out")
        else:
            shutil.rmtree(self.work, ignore_errors=True)
        shutil.rmtree(self.staged, ignore_errors=True)
        self.work.mkdir(parents=True, exist_ok=True)
        self.staged.mkdir(parents=True)
        write_json(noted, asked)

    def publish(self, with_model):
        """Let readers see what the run has written: the model first, if there is one, and the metrics last."""
        if with_model:
            publish(self.staged, self.models, last=("README.md",))
        else:
            self.staged.rmdir()
        shutil.rmtree(self.work / "checkpoints", ignore_errors=True)
        (self.work / "run.json").unlink()
        publish(self.work, self.results, last=("metrics.json",))

    def discard(self, keep_for_resume):
        """Throw away what a run that failed has written, but for what `--resume` goes on with."""
        shutil.rmtree(self.staged, ignore_errors=True)
        if not keep_for_resume:
            shutil.rmtree(self.work, ignore_errors=True)

    def release(self):
        """Let other runs have the folders."""
        self.locks.close()
        if HELD.get(self.results.resolve()) is self.locks:
            del HELD[self.results.resolve()]
