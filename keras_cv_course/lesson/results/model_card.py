"""The model card that goes with every export."""

import inspect

from keras_cv_course import data
from keras_cv_course.lesson.results.report import readable


def model_card(run):
    """The text of `saved_models/<lesson>/README.md` for a finished run."""
    model, name = run.saved["model"], run.lesson.name
    metrics = "\n".join(
        f"| {metric} | {readable(value)} | {run.result['targets'].get(metric, '')} |"
        for metric, value in run.values.items()
    )
    arguments = "\n".join(f"- {key}: {value}" for key, value in run.identity().items())
    dataset = run.arguments.get("dataset")
    trained_on = ""
    if dataset in data.names():
        info = data.describe(dataset)
        trained_on = f"\n## Trained on\n\n{info.title}. Source: {info.source}. Licence: {info.licence}.\n"
    # A plain keras.Sequential comes from no paper: then the lesson says what it is.
    module = type(model).__module__
    ours = not module.startswith("keras.")
    paper = inspect.getdoc(inspect.getmodule(type(model))) if ours else run.lesson.one_liner
    imports = f"import keras\n\nimport {module}\n" if ours else "import keras\n"
    more = "".join(
        f"{name} = served.{name}(inputs)  # float32 {shape}\n"
        for name, (_, shape) in run.saved["endpoints"].items()
    )
    serve = f"""
Without Keras and without this package, in any process that has TensorFlow:

```python
import tensorflow as tf

served = tf.saved_model.load("{run.saved_folder.as_posix()}/serve")
outputs = served.serve(inputs)  # float32 {run.saved["signature"]}, None is free
{more}```
"""
    return f"""# {type(model).__name__} from the lesson {name}

{paper}

{run.saved["note"]}

## Use

```python
{imports}
model = keras.saving.load_model("{run.saved_folder.as_posix()}/model.keras")
```
{serve if run.saved["served"] else ""}
## Measured on held-out data

| metric | reached | target |
|---|---|---|
{metrics}

{model.count_params():,} parameters. Trained in {run.result["seconds"]:.0f} s on {run.result["device"]}
with {", ".join(f"{package} {version}" for package, version in run.result["versions"].items())}.
{trained_on}
## Arguments

{arguments}

Made for teaching: judge it on your own data before you rely on it.
"""
