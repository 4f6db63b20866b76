"""Day 1: convolutional networks."""

LESSONS = (
    "convolution", "cnn", "architectures", "deformable", "transfer", "augment", "distill", "selftrain",
)  # fmt: skip
