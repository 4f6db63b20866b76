"""Whose work a file is and for which lesson, from its name: as people name files, and as Canvas and Moodle do."""

import re

JUNK = {"__MACOSX", "Thumbs.db", "desktop.ini", "__pycache__"}  # and all names that begin with a dot
# Canvas: ada_LATE_123_457_day4_dcgan.py; Moodle: Ada Lovelace_123_assignsubmission_file_
CANVAS = re.compile(r"^(?P<student>.+?)(?:_LATE)?_\d+_\d+_(?P<file>.+)$")
MOODLE = re.compile(r"^(?P<student>.+?)_\d+_assignsubmission_\w+$")


def junk(name):
    """Whether a file's or folder's name is that of something that no student has handed in."""
    return name.startswith(".") or name in JUNK


def student_of(path, lessons):
    """Whose a file or folder is, from its name."""
    name = path.name if path.is_dir() and not path.is_symlink() else path.stem
    for pattern in (MOODLE, CANVAS):
        known = pattern.match(path.name if pattern is CANVAS else name)
        if known:
            return known["student"]
    for lesson in lessons:
        for form in (lesson, lesson.replace(".", "_")):
            if name.endswith(f"_{form}"):
                return name.removesuffix(f"_{form}")
    return name


def safe(name):
    """A name for a file: letters, digits and a few signs."""
    return (
        "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name)[:60].strip(".")
        or "_"
    )


def lesson_of_name(name, lessons):
    """The lesson that a file's name names, or None; of two the longer one."""
    found = [lesson for lesson in lessons if lesson in name or lesson.replace(".", "_") in name]
    return max(found, key=len, default=None)


def lesson_of_text(text, lessons):
    """The lesson that a file's first line names, or None."""
    first = text.lstrip().split("\n", 1)[0]
    return next((lesson for lesson in lessons if f"{lesson}:" in first), None)
