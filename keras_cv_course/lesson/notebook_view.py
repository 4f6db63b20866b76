"""What a lesson that runs in a notebook shows below its cell."""

import inspect


def show_class(model):
    """Show the source of a model's class, folded; Keras' own classes, such as Sequential, have none to read."""
    from IPython import display

    kind = type(model)
    if kind.__module__.startswith("keras."):
        return
    words = f"The class `{kind.__name__}`, from `{kind.__module__}`"
    source = inspect.getsource(kind)
    folded = f"<details><summary>{words}</summary>\n\n```python\n{source}```\n\n</details>"
    display.display(display.Markdown(folded))


def show_image(path, alt):
    """Show an image file with its alternative text."""
    from IPython import display

    display.display(display.Image(filename=path, alt=alt))
