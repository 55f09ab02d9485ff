"""A study's SQLite database: its tables, and how it is created and opened."""

import contextlib
import datetime
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from polychrome.errors import InputError

# The real picture's side, never its name, says which is real; names are random. Answers are kept
# as they were given first. `showings` counts the pages that a pair was handed out to, and `pages`
# are those that have a participant's next pair, by random names that are kept no longer. With a
# time limit a pair's time runs from `first_sent`, when one of its pictures was first sent, in
# seconds since 1970. What a study is, simulated or not, is fixed when it is created.
_TABLES = """
CREATE TABLE study (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    seed TEXT NOT NULL,
    pairs INTEGER NOT NULL CHECK (pairs > 0),
    checks INTEGER NOT NULL CHECK (checks >= 0),
    misses INTEGER NOT NULL CHECK (misses >= 0),
    time_limit REAL CHECK (time_limit > 0),
    contact TEXT NOT NULL,
    created TEXT NOT NULL
) STRICT;
CREATE TABLE systems (
    system INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    is_check INTEGER NOT NULL CHECK (is_check IN (0, 1))
) STRICT;
CREATE TABLE photographs (
    photograph INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE participants (
    participant INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB NOT NULL UNIQUE,
    consented TEXT NOT NULL
) STRICT;
CREATE TABLE trials (
    participant INTEGER NOT NULL REFERENCES participants ON DELETE CASCADE,
    trial INTEGER NOT NULL CHECK (trial >= 0),
    photograph INTEGER NOT NULL REFERENCES photographs,
    system INTEGER NOT NULL REFERENCES systems,
    real_side TEXT NOT NULL CHECK (real_side IN ('left', 'right')),
    left_name TEXT NOT NULL,
    right_name TEXT NOT NULL,
    showings INTEGER NOT NULL DEFAULT 0,
    left_sent INTEGER NOT NULL DEFAULT 0 CHECK (left_sent IN (0, 1)),
    right_sent INTEGER NOT NULL DEFAULT 0 CHECK (right_sent IN (0, 1)),
    first_sent REAL,
    PRIMARY KEY (participant, trial),
    UNIQUE (participant, photograph)
) STRICT, WITHOUT ROWID;
CREATE TABLE pages (
    participant INTEGER NOT NULL REFERENCES participants ON DELETE CASCADE,
    page TEXT NOT NULL,
    PRIMARY KEY (participant, page)
) STRICT, WITHOUT ROWID;
CREATE TABLE answers (
    participant INTEGER NOT NULL,
    trial INTEGER NOT NULL,
    picked TEXT NOT NULL CHECK (picked IN ('left', 'right')),
    milliseconds INTEGER NOT NULL CHECK (milliseconds >= 0),
    answered TEXT NOT NULL,
    PRIMARY KEY (participant, trial),
    FOREIGN KEY (participant, trial) REFERENCES trials ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TRIGGER answers_stay BEFORE UPDATE ON answers
    BEGIN SELECT RAISE(ABORT, 'an answer stays as it was given'); END;
CREATE TRIGGER study_stays BEFORE UPDATE ON study
    BEGIN SELECT RAISE(ABORT, 'a study stays what it was created as'); END;
CREATE TRIGGER study_is_kept BEFORE DELETE ON study
    BEGIN SELECT RAISE(ABORT, 'a study stays what it was created as'); END;
"""
# "Turi", so that other SQLite files are told apart.
_APPLICATION, _VERSION = 0x54757269, 3
IN_MEMORY = Path(":memory:")


def now() -> str:
    """The time in UTC to the second, ISO 8601."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def create(path: Path) -> sqlite3.Connection:
    """Create a study's database without rows; the caller adds them and commits.

    A folder that is not there yet is made, and opens to its owner alone.

    Raises:
        InputError: the file exists or cannot be written.
    """
    if path.exists():
        raise InputError(f"{path} exists; choose another folder for a new study")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection = _connected(path)
        # Only a fresh file takes this without other programs in the way.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(f"BEGIN;{_TABLES}COMMIT;")
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {_VERSION}")
    except (OSError, sqlite3.Error) as error:
        raise InputError(f"cannot write {path}: {error}") from error
    return connection


def connect(path: Path) -> sqlite3.Connection:
    """Open a study's database.

    Raises:
        InputError: there is none, or it is something else.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; `prepare` or `simulate` makes a study")
    with telling_errors(path):
        connection = _connected(path)
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    if (application, version) != (_APPLICATION, _VERSION):
        connection.close()
        raise InputError(f"{path} is no database of a study, or one of another version")
    return connection


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a damaged database: what is read of it might be wrong without an error.

    Raises:
        InputError: it is damaged, or can't be read.
    """
    with telling_errors(path):
        # quick_check passes an older copy that a log of later answers was mixed into.
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise damage(path, found)


@contextlib.contextmanager
def telling_errors(path: Path) -> Iterator[None]:
    """Turn errors of SQLite within the block into one line for a person.

    Raises:
        InputError: the database at `path` is damaged, or it can't be read or written.
    """
    try:
        yield
    except sqlite3.OperationalError as error:  # locked, read-only, a full disk
        raise InputError(f"cannot read or write {path}: {error}") from error
    except sqlite3.Error as error:
        raise damage(path, error) from error


def damage(path: Path, found: object) -> InputError:
    """The error of a damaged database: what was found, and how a copy is put in its place."""
    # A copy beside a log of later answers is damaged by it. Moved, the log can still be looked at.
    return InputError(
        f"{path} is damaged: {' '.join(str(found).split())}; stop the server, move {path.name}, "
        f"{path.name}-wal and {path.name}-shm away, and put a copy in place"
    )


def _connected(path: Path) -> sqlite3.Connection:
    # Threads of the server share one connection, one at a time; transactions are begun by hand.
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA foreign_keys = ON")
    # An answer is on the disk before it is acknowledged, even if the power fails.
    connection.execute("PRAGMA synchronous = FULL")
    connection.row_factory = sqlite3.Row
    return connection
