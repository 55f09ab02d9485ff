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


def download(url: str, path: Path, *, size: int | None = None, md5: str | None = None) -> Path:
    """Download `url` to `path`, replacing an existing file.

    Bytes go to `path` + ".part", which is renamed at the end. After an interruption (network,
    Ctrl-C, kill), the next call asks the server only for the rest.

    Args:
        url: http or https.
        path: the file to write; its folder is created if needed.
        size: bytes of the whole file, if known.
        md5: hexadecimal digest of the whole file, if known.

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
            part.unlink()  # not a part of this file
        if size is None or _size(part) < size:
            _fetch(url, part, size)
        _check(url, part, size, md5)
        os.replace(part, path)
    except OSError as error:  # disk errors; _fetch turns network errors into InputError
        raise InputError(f"{path}: can't be written ({error.strerror or error})") from error
    return path


def _fetch(url: str, part: Path, size: int | None) -> None:
    """Append the missing bytes to `part`."""
    done = _size(part)
    request = urllib.request.Request(url, headers={"Range": f"bytes={done}-"} if done else {})
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()  # the error holds the connection
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not done:
            raise _failure(url, f"the server answers {error.code} ({error.reason})") from error
        # Nothing beyond `done`: the part is complete or longer than the file.
        if error.headers.get("Content-Range") != f"bytes */{done}":
            part.unlink()
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
        with (
            part.open("ab" if resumes else "wb") as file,
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


def _check(url: str, part: Path, size: int | None, md5: str | None) -> None:
    """Remove `part` and raise `InputError` if it isn't the expected file."""
    wrong = ""
    if size is not None and _size(part) != size:
        wrong = f"{_size(part):,} bytes instead of {size:,}"
    elif md5 is not None and (found := _md5(part)) != md5.lower():
        wrong = f"MD5 {found} instead of {md5.lower()}"
    if wrong:
        part.unlink()
        raise InputError(f"{url}: not the expected file, {wrong}; what arrived was removed")


def _md5(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", error)  # URLError wraps the socket's own error
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__


def _failure(url: str, what: str) -> InputError:
    return InputError(f"{url}: {what}; what has arrived is kept, run the same again to resume")
