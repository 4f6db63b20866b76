"""Heartbeats drawn from a seed: sums of Gaussian waves P, Q, R, S, T, so no network is needed.

McSharry, Clifford, Tarassenko and Smith, "A dynamical model for generating synthetic electrocardiogram
signals", IEEE Transactions on Biomedical Engineering 50(3), 2003: an ECG is a sum of Gaussian waves at fixed
places of the heart's cycle. Here the cycle's length, and each wave's height, place and width vary by beat.
"""

import numpy as np

from keras_cv_course.data.part import Info, Part

INFO = Info(
    name="beats",
    title="5,000 synthetic heartbeats of 140 samples: four kinds of normal beat, seven of abnormal",
    fields={
        "signals": "(N, 140) float32, 0.8 s each; every beat has mean 0, standard deviation 1; in [-7, 7]",
        "labels": "(N,) int64, 1 = normal, 0 = abnormal, as in ECG5000",
        "kinds": "(N,) str, what is drawn, such as 'sinus' or 'inverted T'",
    },
    classes=("abnormal", "normal"),
    source="drawn by keras_cv_course; the waves follow McSharry et al., IEEE TBME 50(3), 2003",
    licence="the project's own",
)

SAMPLES, SECONDS, R_PEAK = 140, 0.8, 0.3

# Waves of one cycle: height in millivolt, place in seconds from the R peak at 75 beats a minute, width
# (standard deviation) in seconds. "R2" is the second peak of a split R wave, "ST" what lies between S and T.
WAVES = ("P", "Q", "R", "R2", "S", "ST", "T")
HEIGHT = np.array([0.15, -0.12, 1.10, 0.00, -0.25, 0.00, 0.30])
PLACE = np.array([-0.17, -0.030, 0.000, 0.035, 0.030, 0.120, 0.250])
WIDTH = np.array([0.022, 0.009, 0.013, 0.014, 0.010, 0.045, 0.045])

# What is different in each kind: {wave: (height, place, width)}, None = as in a sinus beat; and the range of
# the heart rate in beats a minute. `share` is the kind's share of its class.
NORMAL = {
    "sinus": dict(share=0.4, rate=(60, 90), waves={}),
    "fast sinus": dict(share=0.2, rate=(95, 115), waves={"P": (0.18, None, None)}),
    "low T": dict(share=0.2, rate=(60, 90), waves={"T": (0.12, None, None)}),
    "tilted axis": dict(
        share=0.2,
        rate=(60, 90),
        waves={"R": (0.80, None, None), "S": (-0.50, None, None), "T": (0.22, None, None)},
    ),
}
ABNORMAL = {
    "ventricular": dict(  # no P, a wide high QRS and a T wave of the other sign
        share=0.20,
        rate=(60, 90),
        waves={"P": (0, None, None), "Q": (0, None, None), "R": (1.2, 0.01, 0.040), "S": (-0.45, 0.12, 0.03),
               "T": (-0.40, 0.29, 0.06)},
    ),
    "ST elevation": dict(
        share=0.15, rate=(60, 95), waves={"ST": (0.25, None, None), "S": (-0.05, None, None)}
    ),
    "inverted T": dict(share=0.15, rate=(60, 95), waves={"T": (-0.22, None, None)}),
    "atrial fibrillation": dict(share=0.15, rate=(70, 110), waves={"P": (0, None, None)}),
    "bundle branch block": dict(
        share=0.15,
        rate=(60, 95),
        waves={"Q": (0, None, None), "R": (0.75, -0.012, 0.016), "R2": (0.75, 0.036, 0.018),
               "S": (0, None, None), "T": (-0.12, 0.27, None)},
    ),
    "R on T": dict(share=0.12, rate=(60, 95), waves={}),
    "long QT": dict(share=0.08, rate=(60, 90), waves={"T": (0.28, 0.36, 0.055)}),
}  # fmt: skip


def load():
    """3,000 training, 500 validation and 1,500 test beats, 60 % of them normal, always the same ones."""
    return [_part(count, np.random.default_rng((2003, i))) for i, count in enumerate((3000, 500, 1500))]


def _part(count, rng):
    labels = (rng.random(count) < 0.6).astype("int64")
    kinds, signals = np.empty(count, dtype="<U20"), np.empty((count, SAMPLES))
    for label, choices in ((1, NORMAL), (0, ABNORMAL)):
        rows = np.flatnonzero(labels == label)
        shares = [kind["share"] for kind in choices.values()]
        kinds[rows] = rng.choice(list(choices), size=len(rows), p=shares)
        for name, kind in choices.items():
            rows = np.flatnonzero(kinds == name)
            signals[rows] = beats(name, kind["rate"], kind["waves"], len(rows), rng)
    signals -= signals.mean(axis=1, keepdims=True)
    signals /= signals.std(axis=1, keepdims=True)
    return Part(signals=signals.astype("float32"), labels=labels, kinds=kinds)


def beats(name, rate, changes, count, rng):
    """Draw beats of one kind.

    Args:
        name: the kind; "atrial fibrillation" gets fibrillatory waves, "R on T" an early second beat.
        rate: (lowest, highest) heart rate in beats a minute.
        changes: {wave: (height, place, width)} that differ from a sinus beat; None = as there.
        count: number of beats.
        rng: a `numpy.random.Generator`.

    Returns:
        (count, 140) float64 in millivolt.
    """
    # Each beat is ill to its own degree: at 1 it looks as in a textbook, and mild ones are easy to miss.
    degree = np.ones((count, 1)) if name in NORMAL else rng.uniform(0.5, 1.0, (count, 1))
    target = np.array([HEIGHT, PLACE, WIDTH])
    for wave, values in changes.items():
        for row, value in zip(target, values, strict=True):
            if value is not None:
                row[WAVES.index(wave)] = value
    height, place, width = (
        usual + degree * (new - usual) for usual, new in zip((HEIGHT, PLACE, WIDTH), target, strict=True)
    )
    height = height * rng.normal(1.0, 0.12, height.shape)
    width = width * rng.normal(1.0, 0.06, width.shape)
    cycle = 60 / rng.uniform(*rate, (count, 1))
    # Bazett: the T wave's distance grows with the root of the cycle's length; P follows more weakly.
    place = place * np.where(np.abs(PLACE) > 0.1, np.sqrt(cycle / 0.8), 1.0)
    place = place + rng.normal(0.0, 0.003, place.shape)

    time = np.linspace(0, SECONDS, SAMPLES, endpoint=False)
    centre = R_PEAK + rng.normal(0.0, 0.004, (count, 1))
    neighbours = [centre - cycle, centre, centre + cycle]
    signals = sum(waves(time, height, peak + place, width) for peak in neighbours)

    if name == "R on T":  # a ventricular beat falls on the T wave of the one before
        early = centre + rng.uniform(0.24, 0.36, (count, 1))
        signals += waves(time, degree * [0.9, -0.5], early + [0.0, 0.11], np.full((count, 2), 0.035))
    if name == "atrial fibrillation":
        for frequency in rng.uniform(4, 9, (3, count, 1)):
            phase = rng.uniform(0, 2 * np.pi, (count, 1))
            signals += (
                degree * rng.uniform(0.01, 0.05, (count, 1)) * np.sin(2 * np.pi * frequency * time + phase)
            )

    # Breathing moves the baseline; muscles add noise, in one beat of twelve a lot of it.
    breath = rng.uniform(0, 2 * np.pi, (count, 1)) + 2 * np.pi * rng.uniform(0.15, 0.4, (count, 1)) * time
    muscles = rng.uniform(0.008, 0.02, (count, 1)) * np.where(rng.random((count, 1)) < 1 / 12, 3.0, 1.0)
    return (
        signals + rng.uniform(0, 0.15, (count, 1)) * np.sin(breath) + muscles * rng.normal(size=signals.shape)
    )


def waves(time, height, centre, width):
    """Sum of Gaussian waves, z(t) = sum_i height_i exp(-(t - centre_i)^2 / (2 width_i^2)).

    Args:
        time: (samples,) seconds.
        height, centre, width: (N, waves) each; millivolt, seconds, seconds.

    Returns:
        (N, samples) millivolt.
    """
    distance = (time - centre[..., None]) / width[..., None]  # (N, waves, samples)
    return np.sum(height[..., None] * np.exp(-0.5 * distance**2), axis=1)
