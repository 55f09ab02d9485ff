"""Resumable, verified downloads with progress."""

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from pathlib import Path

from tqdm import tqdm

from polychrome.errors import InputError

TIMEOUT = 30  # seconds without receiving a byte

_CHUNK = 1 << 18


def download(
    url: str,
    path: Path,
    *,
    size: int | None = None,
    md5: str | None = None,
    sha256: str | None = None,
) -> Path:
    """Download `url` to `path`, replacing an existing file.

    Bytes go to `path` + ".part", which is renamed at the end. After an interruption (network,
    Ctrl-C, kill), the next call asks the server only for the rest; if the server names versions
    (ETag), only of the version that was begun, and otherwise for the whole file.

    Args:
        url: http or https.
        path: the file to write; its folder is created if needed.
        size: bytes of the whole file, if known.
        md5: hexadecimal digest of the whole file, if known.
        sha256: its hexadecimal SHA-256, or the first digits of it, if known.

    Returns:
        `path`.

    Raises:
        InputError: a network failure (partial data is kept), a file that can't be written, or an
            unexpected file (the data is removed).
    """
    path = Path(path)
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if size is not None and _size(part) > size:
            _discard(part)  # not a part of this file
        if size is None or _size(part) < size:
            _fetch(url, part, size)
        _check(url, part, size, {"md5": md5, "sha256": sha256})
        os.replace(part, path)
        _version(part).unlink(missing_ok=True)
    except OSError as error:  # disk errors; _fetch turns network errors into InputError
        raise InputError(f"{path}: can't be written ({error.strerror or error})") from error
    return path


def _fetch(url: str, part: Path, size: int | None) -> None:
    """Append the missing bytes to `part`."""
    done = _size(part)
    headers = {}
    if done:
        headers["Range"] = f"bytes={done}-"
        if _version(part).exists():
            headers["If-Range"] = _version(part).read_text(encoding="latin-1")
    request = urllib.request.Request(url, headers=headers)
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()  # the error holds the connection
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not done:
            raise _failure(url, f"the server answers {error.code} ({error.reason})") from error
        # Nothing beyond `done`: the part is complete or longer than the file.
        if error.headers.get("Content-Range") != f"bytes */{done}":
            _discard(part)
            _fetch(url, part, size)
        return
    except (OSError, http.client.HTTPException) as error:
        raise _failure(url, _reason(error)) from error

    with response:
        resumes = response.status == http.HTTPStatus.PARTIAL_CONTENT
        done = done if resumes else 0
        if resumes and not response.headers.get("Content-Range", "").startswith(f"bytes {done}-"):
            raise _failure(url, f"the server sends another range than the one from byte {done:,}")
        length = response.headers.get("Content-Length")
        total = size if length is None else done + int(length)
        # Check before touching the part: a login page must not cost 200 MB of downloaded data.
        if size is not None and total != size:
            raise _failure(url, f"the server offers {total:,} bytes, the file has {size:,}")
        if not resumes:
            _discard(part)
            _remember_version(part, response.headers.get("ETag"))
        with (
            part.open("ab") as file,
            tqdm(desc=part.stem, initial=done, total=total, unit="B", unit_scale=True) as progress,
        ):
            while chunk := _read(url, response):
                file.write(chunk)
                done += len(chunk)
                progress.update(len(chunk))
    if total is not None and done < total:
        raise _failure(url, f"the connection was cut at {done:,} of {total:,} bytes")


def _read(url: str, response: http.client.HTTPResponse) -> bytes:
    try:
        # read() would wait for a full chunk, which an interruption would lose.
        return response.read1(_CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise _failure(url, _reason(error)) from error


def _check(url: str, part: Path, size: int | None, digests: dict[str, str | None]) -> None:
    """Remove `part` and raise `InputError` if it isn't the expected file."""
    wrong = ""
    if size is not None and _size(part) != size:
        wrong = f"{_size(part):,} bytes instead of {size:,}"
    for kind, wanted in digests.items():
        if wanted is None or wrong:
            continue
        found = _digest(part, kind)
        if not found.startswith(wanted.lower()):
            label = {"md5": "MD5", "sha256": "SHA-256"}[kind]
            wrong = f"{label} {found} instead of {wanted.lower()}"
    if wrong:
        _discard(part)
        raise InputError(f"{url}: not the expected file, {wrong}; what arrived was removed")


def _digest(path: Path, kind: str) -> str:
    digest = hashlib.new(kind, usedforsecurity=kind != "md5")
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _version(part: Path) -> Path:
    """The file with the ETag of the version that `part` was begun with."""
    return part.with_name(part.name + ".etag")


def _remember_version(part: Path, etag: str | None) -> None:
    # A weak one does not promise equal bytes, and servers must not resume by it.
    if etag and not etag.startswith("W/"):
        _version(part).write_text(etag, encoding="latin-1")


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _version(part).unlink(missing_ok=True)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", error)  # URLError wraps the socket's own error
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__


def _failure(url: str, what: str) -> InputError:
    return InputError(f"{url}: {what}; what has arrived is kept, run the same again to resume")
