"""What was found, in sentences for a person who is not an engineer. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal

from quality.escaping import cut
from quality.model import Grade, Outcome
from quality.view import CheckView, DatasetView, Example, LoadView
from quality.wording import amount, count, percent, plural

_JUDGEMENT = {
    Grade.GREEN: "Good to use",
    Grade.AMBER: "Use with care",
    Grade.RED: "Do not rely on it",
    Grade.NO_DATA: "No data",
}
_OUTCOMES = {
    Outcome.PASSED_WITH_FAILURES: "within tolerance",
    Outcome.NOT_EVALUATED: "not judged",
    Outcome.ERRORED: "could not run",
}
_NOTABLE = 0.01  # a check's share of failures moved by less than this: not worth a sentence
_MOST_CHANGES = 6
_MOST_EXAMPLES = 5
_MOST_NAMES = 3


def points(score: float | None) -> str:
    """A score with three decimals, cut and never rounded up; a dash when there is none."""
    if score is None:
        return "–"
    return str(Decimal(repr(score)).quantize(Decimal("0.001"), ROUND_FLOOR))


def day(moment: datetime) -> str:
    """A day in words: `8 February 2013`."""
    return f"{moment.day} {moment:%B %Y}"


def outcome(ended: Outcome) -> str:
    """How a check ended, in a word or two."""
    return _OUTCOMES.get(ended, ended.value)


def verdict(view: DatasetView) -> str:
    """The one sentence to read when there is time for only one."""
    return f"{_JUDGEMENT[view.run.grade]}: {_lights(view)}{_held(view)}; {_whereabouts(view)}."


def set_by(view: DatasetView) -> str:
    """What set the score, and in which file when there are several."""
    where = f" ({cut(view.worst.file)})" if view.run.files > 1 else ""
    return cut(view.worst.set_by, 200) + where


def changes(view: DatasetView) -> list[str]:
    """What is different from the run before, the weightiest first."""
    if view.previous is None:
        return ["This is the first run of this dataset: there is nothing yet to compare it with."]
    found = [*_score_change(view), *_rule_change(view), *_check_changes(view)]
    if not found:
        return [f"Nothing of note since the run before, on {day(view.previous.at)}."]
    more = len(found) - _MOST_CHANGES
    return found[:_MOST_CHANGES] + ([f"… and {plural(more, 'more change')}."] if more > 0 else [])


def finding(check: CheckView) -> str:
    """What a check found in the worst file, and how that stands among the others."""
    found = cut(check.message, 300).rstrip(".")
    if check.files == 1 or not check.files_failed:
        return f"{found}."
    file = cut(check.worst_file)
    if check.files_failed == 1:
        return f"Only in {file}, of {plural(check.files, 'file')}: {found}."
    worst = f"In {file}, the worst of {plural(check.files_failed, 'file')}: {found}."
    if not check.failed:
        return worst
    total = f"{count(check.failed)} of {plural(check.rows, 'record')} ({percent(check.share)})"
    return f"{worst} In all together: {total}."


def about(check: CheckView | None) -> str:
    """Why a check is there, as its contract says; empty if it says nothing."""
    text = " ".join(((check and check.description) or "").split())
    end = "." if text and text[-1] not in ".!?" else ""
    return cut(text + end, 300)


def examples(check: CheckView) -> list[tuple[str | None, str]]:
    """Failing values, each with the places where it stands."""
    return places(check.examples)


def places(found: Sequence[Example]) -> list[tuple[str | None, str]]:
    """Values, each with the places where it stands: `("SJU", "lines 12 and 14")`."""
    grouped: dict[str | None, list[Example]] = {}
    for example in found[:_MOST_EXAMPLES]:
        grouped.setdefault(example.value, []).append(example)
    return [(value, _places(each)) for value, each in grouped.items()]


def _places(found: Sequence[Example]) -> str:
    noun = "line" if found[0].line else "record"
    numbers = [count(each.line or each.record_no) for each in found]
    if len(numbers) == 1:
        return f"{noun} {numbers[0]}"
    return f"{noun}s {', '.join(numbers[:-1])} and {numbers[-1]}"


def fate(load: LoadView) -> str:
    """What became of a file, when it is not simply published."""
    return "" if load.status == "published" else load.status


def rules_changed(view: DatasetView) -> bool:
    """Whether the rules changed within the runs that the trend shows."""
    return len({run.rule_set_fingerprint for run in view.runs}) > 1


def _lights(view: DatasetView) -> str:
    total = view.run.files
    if total == 1:
        return f"{cut(view.worst.file)} is {word(view.run.grade)}"
    if view.files == {Grade.GREEN: total}:
        return f"all {count(total)} files are green"
    counts = [(n, word(grade)) for grade, n in sorted(view.files.items(), reverse=True) if grade]
    if len(counts) > 1:
        words = " and ".join(f"{count(n)} {_be(n)} {light}" for n, light in counts)
        return f"of {count(total)} files, {words}"
    worse, light = counts[0]
    names = [cut(load.file, 40) for load in view.loads if load.grade]
    named = f" ({', '.join(names)})" if worse <= _MOST_NAMES else ""
    return f"{count(worse)} of {count(total)} files {_be(worse)} {light}{named}"


def _be(count: int) -> str:
    return "is" if count == 1 else "are"


def word(grade: Grade) -> str:
    """A grade in a sentence."""
    return "without data" if grade is Grade.NO_DATA else grade.label


def _held(view: DatasetView) -> str:
    held = sum(load.status == "held" for load in view.loads)
    return f"; {plural(held, 'file')} held until a person approves" if held else ""


def _whereabouts(view: DatasetView) -> str:
    if not view.received:
        return "no records came in"
    loaded = f"{count(view.loaded)} of {plural(view.received, 'record')} loaded"
    aside = [
        f"{count(n)} {word}"
        for n, word in ((view.quarantined, "in quarantine"), (view.skipped, "set aside"))
        if n
    ]
    return ", ".join([loaded, *aside])


def _score_change(view: DatasetView) -> Iterator[str]:
    before, now = view.previous, view.run
    assert before
    if (before.score, before.grade) != (now.score, now.grade):
        yield (
            f"The score went from {points(before.score)} ({word(before.grade)}) "
            f"to {points(now.score)} ({word(now.grade)})."
        )


def _rule_change(view: DatasetView) -> Iterator[str]:
    assert view.previous
    if view.previous.rule_set_fingerprint != view.run.rule_set_fingerprint:
        yield "The rules have changed: scores before and after do not compare exactly."


def _check_changes(view: DatasetView) -> Iterator[str]:
    moved: list[tuple[float, str]] = []
    for check in view.checks:
        before = view.previous_checks.get(check.check)
        if before is None:
            continue
        name = cut(check.check)
        if (check.outcome is Outcome.ERRORED) != (before.outcome is Outcome.ERRORED):
            could = "could not run" if check.outcome is Outcome.ERRORED else "can run again"
            moved.append((2.0, f"{name} {could}."))
        elif not (check.rows and before.rows):
            if check.outcome != before.outcome:
                moved.append((1.0, f"{name} went from {_ended(before)} to {_ended(check)}."))
        else:
            moved.append((float(abs(check.share - before.share)), _share_change(check, before)))
    yield from (text for size, text in sorted(moved, key=lambda m: -m[0]) if size >= _NOTABLE)


def _ended(check: CheckView) -> str:
    word = outcome(check.outcome)
    return word if check.value is None else f"{word} ({amount(check.value, check.unit)})"


def _share_change(check: CheckView, before: CheckView) -> str:
    was, now = (percent(each.share) for each in (before, check))
    direction = "more" if check.share > before.share else "fewer"
    return f"{cut(check.check)} fails in {direction} records: {now}, before {was}."
