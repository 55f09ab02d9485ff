"""A study: who takes part, what they are shown, and what they answered."""

import contextlib
import dataclasses
import hashlib
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.turing import database
from experiments.turing.pairs import SIDES, Pair, pairs_for
from experiments.turing.showing import OutOfTurn, Showing, TimeIsOver
from polychrome.errors import InputError

CHECK_NAME = "attention check"


@dataclasses.dataclass(frozen=True)
class Settings:
    """What is decided before the first participant and never changed.

    Attributes:
        seed: of order and sides, 0 or more.
        pairs: pairs of each system that a participant sees.
        checks: pairs with an obviously wrong picture among them.
        misses: how many of these may be missed before a participant's answers don't count.
        time_limit: seconds after which a pair is hidden, in all windows together; None: it stays.
        contact: whom participants ask and send their links to; "": named when it is served.
        simulated: whether participants are synthetic.
    """

    seed: int
    pairs: int = 15
    checks: int = 5
    misses: int = 0
    time_limit: float | None = None
    contact: str = ""
    simulated: bool = False


def check_name(name: str, option: str) -> None:
    """Refuse the name of the study's own attention checks for a system.

    Raises:
        InputError: it is that name; the message begins with `option`, which gave it.
    """
    if name == CHECK_NAME:
        raise InputError(f"{option}: the name {name!r} is taken, should be another one")


class UnknownParticipant(LookupError):
    """No participant has this token, or no picture of theirs this name."""


class Study:
    """A study in a folder, or in memory.

    All methods may be called by several threads. An answer is on the disk when `answer` returns.

    Args:
        connection: to its database.
        folder: where pictures are; None for one without.
    """

    def __init__(self, connection: sqlite3.Connection, folder: Path | None = None):
        self.folder = folder
        self._connection = connection
        self._lock = threading.RLock()
        row = dict(self.rows("SELECT * FROM study")[0])
        self.created = row.pop("created")
        row.pop("only")
        row["seed"], row["simulated"] = int(row["seed"]), bool(row["simulated"])
        self.settings = Settings(**row)
        systems = self.rows("SELECT system, name, is_check FROM systems ORDER BY system")
        self.systems = {row["system"]: row["name"] for row in systems if not row["is_check"]}
        self._check = next(row["system"] for row in systems if row["is_check"])
        self._photographs = [
            row["photograph"]
            for row in self.rows("SELECT photograph FROM photographs ORDER BY photograph")
        ]

    @classmethod
    def create(
        cls,
        folder: Path | None,
        settings: Settings,
        systems: Mapping[str, str],
        photographs: Sequence[str],
    ) -> "Study":
        """Create the database of a study.

        Args:
            folder: of the study; None: in memory.
            settings: of the study.
            systems: names, and what made their pictures. Numbers 0, 1, ... in this order; the
                obviously wrong one comes last.
            photographs: their names, which get the numbers 0, 1, ...

        Raises:
            InputError: the folder has a study already, or cannot be written, or a system has the
                name of the attention checks.
        """
        for name in systems:
            check_name(name, "systems")
        connection = database.create(database_of(folder))
        row = {**dataclasses.asdict(settings), "created": database.now(), "only": 1}
        row["seed"], row["simulated"] = str(settings.seed), int(settings.simulated)
        connection.execute("BEGIN IMMEDIATE")
        columns = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        connection.execute(f"INSERT INTO study ({columns}) VALUES ({values})", row)
        named = [(number, *each, 0) for number, each in enumerate(systems.items())]
        named.append((len(named), CHECK_NAME, "magenta and green stripes", 1))
        connection.executemany("INSERT INTO systems VALUES (?, ?, ?, ?)", named)
        connection.executemany("INSERT INTO photographs VALUES (?, ?)", enumerate(photographs))
        connection.execute("COMMIT")
        return cls(connection, folder)

    @classmethod
    def open(cls, folder: Path) -> "Study":
        """Open the study in a folder.

        Raises:
            InputError: there is none.
        """
        connection = database.connect(database_of(folder))
        try:
            return cls(connection, folder)
        except (sqlite3.Error, IndexError, StopIteration) as error:
            connection.close()
            raise database.damage(database_of(folder), error) from error

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def rows(self, query: str, values: Any = ()) -> list[sqlite3.Row]:
        """The rows that a query gives."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def check_database(self) -> None:
        """Raise `InputError` if the database is damaged or can't be read."""
        with self._lock:
            database.check(self._connection, database_of(self.folder))

    def enroll(self) -> str:
        """Take in a participant who has consented.

        Returns:
            The token of their link: 32 hexadecimal digits, kept nowhere but there.
        """
        token = secrets.token_hex(16)
        with self._writing() as connection:
            participant = connection.execute(
                "INSERT INTO participants (token_hash, consented) VALUES (?, ?)",
                (_hashed(token), database.now()),
            ).lastrowid
            assert participant is not None
            settings = self.settings
            pairs = pairs_for(
                participant,
                self._photographs,
                list(self.systems),
                self._check,
                pairs=settings.pairs,
                checks=settings.checks,
                seed=settings.seed,
            )
            connection.executemany(
                "INSERT INTO trials (participant, trial, photograph, system, real_side, left_name, "
                "right_name) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (participant, trial, *pair, secrets.token_hex(12), secrets.token_hex(12))
                    for trial, pair in enumerate(pairs)
                ],
            )
        return token

    def has(self, token: str) -> bool:
        """Whether a participant has this token."""
        try:
            self._participant(token)
        except UnknownParticipant:
            return False
        return True

    def forget(self, token: str) -> tuple[int, int]:
        """Delete a participant and their answers, from the file too; the link is unknown then.

        Returns:
            The participant's number, which nobody gets again, and how many answers there were.

        Raises:
            UnknownParticipant: nobody has this token.
        """
        with self._writing() as connection:
            participant = self._participant(token)
            done, _ = self._progress(connection, participant)
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("DELETE FROM participants WHERE participant = ?", (participant,))
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        return participant, done

    def pairs_of(self, token: str) -> list[Pair]:
        """All pairs of a participant, with the answers; nothing that a server may tell.

        Raises:
            UnknownParticipant: nobody has this token.
        """
        found = self.rows(
            "SELECT photograph, system, real_side FROM trials WHERE participant = ? ORDER BY trial",
            (self._participant(token),),
        )
        return [Pair(*row) for row in found]

    def state(self, token: str, *, page: str | None = None) -> dict[str, Any]:
        """What a participant's page may know.

        Args:
            token: of the participant.
            page: random name of the page that shows the next pair, anew at each load: pages are
                counted. None: nothing is shown.

        Returns:
            "done" and "total" (pairs), "time_limit" (seconds or None), "remaining" (what is left of
            it for the next pair), "now" and "upcoming" (each None or "trial", "left" and "right",
            names of pictures; with a time limit nothing is upcoming, as pictures are not sent
            ahead), and "recognized" (None, or after the last pair [real ones picked, pairs],
            without attention checks).

        Raises:
            UnknownParticipant: nobody has this token.
        """
        with self._writing() as connection:
            participant = self._participant(token)
            return self._state(connection, participant, page)

    def answer(
        self, token: str, trial: int, picked: str, milliseconds: int, page: str
    ) -> dict[str, Any]:
        """Store an answer, if it is the first one to its pair, and hand out the next pair.

        Nobody is sent the pictures of a simulated study, so answers to it need none.

        Args:
            token: of the participant.
            trial: number of the pair, from 0.
            picked: "left" or "right", the picture taken for the real one.
            milliseconds: from showing to picking.
            page: as for `state`, of the page that gives the answer and shows the next pair.

        Returns:
            As `state`, for the next pair.

        Raises:
            UnknownParticipant: nobody has this token.
            OutOfTurn: the pair is neither the next one nor one before it; or it is the next one,
                but the page does not have it, or its pictures were not both sent, though with a
                time limit they need not be once its time is over.
        """
        if picked not in SIDES:
            raise ValueError(f"picked {picked!r}, should be left or right")
        with self._writing() as connection:
            participant = self._participant(token)
            done, total = self._progress(connection, participant)
            if not 0 <= trial <= done or trial >= total:
                raise OutOfTurn(f"pair {trial}, but the next one is {done}")
            if trial == done:
                showing = self._showing(connection, participant, trial)
                showing.check_handed_out(page)
                if not self.settings.simulated:
                    showing.check_sent()
                connection.execute(
                    "INSERT INTO answers VALUES (?, ?, ?, ?, ?)",
                    (participant, trial, picked, milliseconds, database.now()),
                )
                # Of no more use, as only the next pair is handed out.
                connection.execute("DELETE FROM pages WHERE participant = ?", (participant,))
            return self._state(connection, participant, page)

    def picture(self, token: str, name: str) -> Path:
        """The file of a picture that a participant is shown.

        With a time limit, asking for a picture of the next pair starts its time, once for all.

        Raises:
            UnknownParticipant: nobody has this token, or the participant no such picture, or not
                yet, with a time limit.
            TimeIsOver: the time limit of its pair has passed.
        """
        with self._writing() as connection:
            row = connection.execute(
                "SELECT participant, trial, photograph, system, real_side, left_name FROM trials "
                "JOIN participants USING (participant) "
                "WHERE token_hash = ? AND ? IN (left_name, right_name)",
                (_hashed(token), name),
            ).fetchone()
            if row is None or self.folder is None:
                raise UnknownParticipant
            if self.settings.time_limit is not None:
                done, _ = self._progress(connection, row["participant"])
                if row["trial"] > done:
                    raise UnknownParticipant
                if row["trial"] < done:
                    raise TimeIsOver
            side = "left" if row["left_name"] == name else "right"
            self._showing(connection, row["participant"], row["trial"]).send(side)
        system = None if side == row["real_side"] else row["system"]
        return picture_file(self.folder, row["photograph"], system)

    def _showing(self, connection: sqlite3.Connection, participant: int, trial: int) -> Showing:
        return Showing(connection, participant, trial, self.settings.time_limit)

    def _state(
        self, connection: sqlite3.Connection, participant: int, page: str | None
    ) -> dict[str, Any]:
        done, total = self._progress(connection, participant)
        coming = connection.execute(
            "SELECT trial, left_name AS left, right_name AS right FROM trials "
            "WHERE participant = ? AND trial IN (?, ?) ORDER BY trial",
            (participant, done, done + 1),
        ).fetchall()
        showing = self._showing(connection, participant, done)
        if page is not None and done < total:
            showing.hand_out(page)
        pairs = [dict(row) for row in coming] + [None, None]
        recognized = remaining = None
        if self.settings.time_limit is not None:
            pairs[1] = None
            if done < total:
                remaining = max(0.0, showing.time_left())
        if done == total:
            recognized = list(
                connection.execute(
                    "SELECT sum(picked = real_side), count(*) FROM answers "
                    "JOIN trials USING (participant, trial) "
                    "WHERE participant = ? AND system != ?",
                    (participant, self._check),
                ).fetchone()
            )
        return {
            "done": done,
            "total": total,
            "time_limit": self.settings.time_limit,
            "remaining": remaining,
            "now": pairs[0],
            "upcoming": pairs[1],
            "recognized": recognized,
        }

    def _participant(self, token: str) -> int:
        found = self.rows(
            "SELECT participant FROM participants WHERE token_hash = ?", (_hashed(token),)
        )
        if not found:
            raise UnknownParticipant
        return found[0]["participant"]

    def _progress(self, connection: sqlite3.Connection, participant: int) -> tuple[int, int]:
        """How many pairs a participant has answered, and how many there are."""
        (done,) = connection.execute(
            "SELECT count(*) FROM answers WHERE participant = ?", (participant,)
        ).fetchone()
        return done, len(self.systems) * self.settings.pairs + self.settings.checks

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction, alone among threads and processes, undone if the block fails."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


def database_of(folder: Path | None) -> Path:
    """The database of the study in a folder."""
    return database.IN_MEMORY if folder is None else folder / "study.sqlite"


def picture_file(folder: Path, photograph: int, system: int | None) -> Path:
    """The file of a photograph from a system; None: in its real colors."""
    name = "real" if system is None else f"system-{system}"
    return folder / "pictures" / f"{photograph:05d}" / f"{name}.png"


def _hashed(token: str) -> bytes:
    """What the database knows of a token: whoever reads it cannot answer for others."""
    return hashlib.sha256(token.encode()).digest()
