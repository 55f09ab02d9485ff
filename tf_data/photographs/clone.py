"""Files of a git repository at one commit, read without a work tree."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from polychrome.errors import InputError
from tf_data.photographs.sets import PhotoSet

_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")


class Clone:
    """A clone of a set's repository, bare or not, whatever is checked out there.

    Raises:
        InputError: no git, no clone at the path, or one without the set's commit.
    """

    def __init__(self, path: Path, photo_set: PhotoSet):
        self.photo_set = photo_set
        inner = path / ".git"
        # Named rather than searched for: git would take a repository around `path` instead.
        self._git = ["git", "--git-dir", str(inner if inner.exists() else path)]
        repository, commit = photo_set.repository, photo_set.commit
        head = self._run("rev-parse", "--verify", "HEAD^{commit}")
        if head.returncode:
            raise InputError(
                f"{path}: no clone of {repository}; "
                f"git clone https://github.com/{repository} {path}"
            )
        if self._run("cat-file", "-e", f"{commit}^{{commit}}").returncode:
            raise InputError(
                f"{path}: {repository} should hold commit {commit}, but is at "
                f"{head.stdout.decode().strip()}; git -C {path} fetch origin {commit}"
            )

    def pictures(self) -> list[tuple[str, str]]:
        """(blob, path) of every picture of the set, sorted by path; a blob may be there twice."""
        listed = self._run("ls-tree", "-r", "-z", self.photo_set.commit)
        if listed.returncode:
            raise InputError(f"{self._git[-1]}: {listed.stderr.decode(errors='replace').strip()}")
        found = []
        for line in listed.stdout.decode(errors="backslashreplace").split("\0")[:-1]:
            about, path = line.split("\t", 1)
            _, kind, blob = about.split()
            wanted = path.startswith(self.photo_set.folders)
            if kind == "blob" and path.lower().endswith(_SUFFIXES) and wanted:
                if not (self.photo_set.without and path.startswith(self.photo_set.without)):
                    found.append((blob, path))
        return sorted(found, key=lambda item: item[1])

    @contextmanager
    def reading(self) -> Iterator["BlobReader"]:
        """One git process that reads blobs until the block ends."""
        command = [*self._git, "cat-file", "--batch"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            yield BlobReader(process)
        finally:
            process.kill()
            process.communicate()

    def _run(self, *arguments: str) -> subprocess.CompletedProcess:
        try:
            return subprocess.run([*self._git, *arguments], capture_output=True, check=False)
        except FileNotFoundError as error:
            raise InputError("git is not installed, and photographs are read with it") from error


class BlobReader:
    """Reads blobs one after the other through `git cat-file --batch`."""

    def __init__(self, process: subprocess.Popen):
        self._process = process

    def read(self, blob: str) -> bytes | None:
        """The bytes of a blob; None if the clone lacks it, as partial clones do."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{blob}\n".encode())
        self._process.stdin.flush()
        header = self._process.stdout.readline().split()
        if len(header) != 3:
            return None
        data = self._process.stdout.read(int(header[2]))
        self._process.stdout.read(1)  # a newline after each blob
        return data
