"""What `watch` shows: the open exercise, or all exercises of its lesson."""

from rich.markup import escape

from keras_cv_course.classroom.checking import NOT_ATTEMPTED
from keras_cv_course.classroom.student import commands as student
from keras_cv_course.classroom.student import screen

KEYS = "n next · p previous · h hint · l list · c check all · x reset · q quit"


def header(watch):
    """A clear screen with the line on top: how many are passed, which lesson, which file."""
    if watch.console.is_terminal:
        watch.console.clear()
    exercises, path = watch.lesson.exercises, watch.lesson.path
    passed = sum(watch.passed(watch.lesson, one) for one in exercises)
    line = f"{screen.bar(passed, len(exercises))}  {exercises.lesson}  {escape(str(path))}"
    watch.console.print(line)


def open_exercise(watch):
    """One screen: where we are, what came of the last check, the keys."""
    (lesson, exercise), console = watch.current, watch.console
    exercises = lesson.exercises
    number = exercises.number(exercise)
    verdict = lesson.found.get(exercise.name)
    header(watch)
    if verdict is None or verdict.outcome == NOT_ATTEMPTED:
        console.print(f"\n[bold]{number} {exercise.name}[/]: {escape(exercise.task)}")
        console.print(f"  write: {', '.join(exercise.definitions)}   [dim]then save the file[/]")
    elif verdict.passed:
        passed = f"[bold]{number} {exercise.name}[/] passed in {watch.seconds:.1f} s"
        console.print(f"\n[green]✓[/] {passed}; n goes on")
    else:
        console.print(f"\n{screen.MARKS[verdict.outcome]} {verdict.outcome} ({watch.seconds:.1f} s)")
        screen.one_verdict(console, exercises, exercise, verdict)
    if watch.hints:
        student.show_hints(console, exercise, watch.hints, again="h opens the next one.")
    _keys(console)


def unusable_file(watch, error):
    """Why the file cannot be checked, until the next save."""
    header(watch)
    watch.console.print(f"\n[red]![/] {escape(str(error))}")
    _keys(watch.console)


def overview(watch):
    """All exercises of the lesson."""
    if watch.console.is_terminal:
        watch.console.clear()
    lesson = watch.lesson
    before = {one.name for one in lesson.exercises if watch.passed(lesson, one)}
    screen.verdicts(watch.console, lesson.exercises, lesson.path, lesson.found, before)
    _keys(watch.console)


def _keys(console):
    if console.is_terminal:
        console.print(f"\n[dim]{KEYS}[/]")
