"""Real data sets: from the caches of Keras and tensorflow_datasets, or from a folder of the user."""
