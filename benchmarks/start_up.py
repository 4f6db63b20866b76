"""Start-up: seconds to import each package and to list the lessons, beside Keras' own import.

python benchmarks/start_up.py --runs 3
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

from measured import keep

COMMANDS = {
    "python alone": ["-c", "pass"],
    "python -m sprints (list)": ["-m", "sprints"],
    "import keras_cv_course": ["-c", "import keras_cv_course"],
    "import keras_cv_course.data": ["-c", "import keras_cv_course.data"],
    "import keras_cv_course.lesson": ["-c", "import keras_cv_course.lesson"],
    "import keras": ["-c", "import keras"],
    "import keras_cv_course.reconstruct.denoising": ["-c", "import keras_cv_course.reconstruct.denoising"],
    "import sprints.day3.denoise": ["-c", "import sprints.day3.denoise"],
}


def seconds(arguments):
    """Wall time of one Python process."""
    began = time.perf_counter()
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment)
    return time.perf_counter() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    medians = {name: statistics.median(seconds(a) for _ in range(runs)) for name, a in COMMANDS.items()}
    for name, median in medians.items():
        print(f"{name:<46} {median:6.2f} s   {median / medians['import keras']:5.2f} of `import keras`")
    keep(__file__, medians)


if __name__ == "__main__":
    main()
