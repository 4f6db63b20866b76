"""Day 3: autoencoders."""

LESSONS = ("autoencode", "denoise", "anomaly", "manifold")
