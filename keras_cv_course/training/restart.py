"""Training one network many times: back to a start, without compiling it again.

For a small network tracing and compiling take longer than the training itself.
"""

import keras


class Restart:
    """Puts a compiled model and its optimizer back to where no step has been taken.

    Args:
        model: a built `keras.Model`, compiled, whose optimizer has not taken a step yet.

    Call:
        weights, as `model.get_weights()` gives them, of the model or of a twin -> None; the model has them,
        and its optimizer has forgotten its moments and its number of steps.
    """

    def __init__(self, model):
        model.optimizer.build(model.trainable_variables)
        self.model = model
        self.rested = [keras.ops.convert_to_numpy(variable) for variable in model.optimizer.variables]

    def __call__(self, weights):
        self.model.set_weights(weights)
        for variable, value in zip(self.model.optimizer.variables, self.rested, strict=True):
            variable.assign(value)
