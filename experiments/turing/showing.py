"""What the server knows of the showing of a pair: which pages have it, what was sent, and when.

Whether pictures arrived, and whether anybody looked at them, it can't know.
"""

import dataclasses
import sqlite3
import time

# Seconds for which pictures are still sent after the time limit: both are asked for at once, but
# one may have to be asked for again. No page shows them for longer for that.
GRACE = 2.0
_PAIR = "WHERE participant = ? AND trial = ?"


class TimeIsOver(LookupError):
    """A picture of a pair whose time limit has passed."""


class OutOfTurn(ValueError):
    """An answer to a pair that the page that gives it has not been shown yet."""


@dataclasses.dataclass(frozen=True)
class Showing:
    """The showing of one pair, in a transaction of the caller.

    Attributes:
        connection: to the study's database.
        participant: number of who is shown it.
        trial: number of the pair, from 0.
        time_limit: of the study, in seconds; None: there is none.
    """

    connection: sqlite3.Connection
    participant: int
    trial: int
    time_limit: float | None

    def hand_out(self, page: str) -> None:
        """Hand the pair, the next one of the participant, to a page; each page counts once.

        A page whose reply was lost asks again, and shows the pair once all the same.
        """
        new = self.connection.execute(
            "INSERT INTO pages VALUES (?, ?) ON CONFLICT DO NOTHING", (self.participant, page)
        ).rowcount
        self._update("showings = showings + ?", new)

    def send(self, side: str) -> None:
        """Note that a picture is sent; with a time limit the first one starts the pair's time.

        Args:
            side: "left" or "right".

        Raises:
            TimeIsOver: the time limit has passed.
        """
        if self.time_limit is not None:
            if self.time_left() <= -GRACE:
                raise TimeIsOver
            self._update("first_sent = ?", time.time(), only="first_sent IS NULL")
        # A row that needs no change costs no write to the disk.
        self._update(f"{side}_sent = ?", 1, only=f"NOT {side}_sent")

    def time_left(self) -> float:
        """Seconds that are left of the time limit, below 0 after it."""
        assert self.time_limit is not None
        (first_sent,) = self._read("first_sent")
        # A clock that was set far back does not give the time again.
        passed = 0.0 if first_sent is None else abs(time.time() - first_sent)
        return self.time_limit - passed

    def check_handed_out(self, page: str) -> None:
        """Refuse an answer of a page that does not have the pair.

        Raises:
            OutOfTurn: that is the case.
        """
        found = self.connection.execute(
            "SELECT 1 FROM pages WHERE participant = ? AND page = ?", (self.participant, page)
        ).fetchone()
        if found is None:
            raise OutOfTurn(f"pair {self.trial} was not handed out to this page")

    def check_sent(self) -> None:
        """Refuse an answer while a picture that can still be had was never sent, to any page.

        Raises:
            OutOfTurn: that is the case.
        """
        # One that was not sent before the time was over never is, and people have to go on.
        over = self.time_limit is not None and self.time_left() <= 0.0
        if not over and tuple(self._read("left_sent, right_sent")) != (1, 1):
            raise OutOfTurn(f"the pictures of pair {self.trial} were not both sent yet")

    def _read(self, columns: str) -> sqlite3.Row:
        at = (self.participant, self.trial)
        return self.connection.execute(f"SELECT {columns} FROM trials {_PAIR}", at).fetchone()

    def _update(self, columns: str, value: float, only: str = "true") -> None:
        at = (self.participant, self.trial)
        self.connection.execute(f"UPDATE trials SET {columns} {_PAIR} AND {only}", (value, *at))
