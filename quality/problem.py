"""Problem: what is wrong with something that is written, and where."""

from __future__ import annotations


class Problem(str):
    """A line that says what is wrong and where; a program can have its parts."""

    place: str
    """The file and, where it has one, the line: `contracts/orders.yaml:14`."""
    path: str
    """The way to it within the file: `columns[2].checks[0]`."""
    message: str

    @property
    def file(self) -> str:
        """The file that it is in."""
        return self.place.removesuffix(f":{self.line}")

    @property
    def line(self) -> int | None:
        """The line on which it stands."""
        digits = self.place.rpartition(":")[2]
        return int(digits) if digits.isdecimal() else None

    def __new__(cls, place: str, path: str, message: str, subject: str = "") -> Problem:
        """Say what is wrong.

        Args:
            place: The file, and after a colon the line.
            path: The way to it within the file.
            message: What is wrong, and what to write instead.
            subject: What stands there, where the way does not tell.
        """
        lead = " ".join(filter(None, [place, path, subject]))
        problem = super().__new__(cls, f"{lead}: {message}")
        problem.place, problem.path, problem.message = place, path, message
        return problem
