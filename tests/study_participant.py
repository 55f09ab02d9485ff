"""Takes part in a study as its page does: is handed a pair, asks for both pictures, answers."""

from pathlib import Path
from typing import Any

import httpx

from experiments.turing.study import Study

WINDOW, OTHER_WINDOW = "0" * 32, "1" * 32  # names that two windows draw


def look(study: Study, token: str, page: str = WINDOW) -> list[Path]:
    """Be handed the next pair, if there is one; return the files of its pictures, left first."""
    now = study.state(token, page=page)["now"]
    return [study.picture(token, now[side]) for side in ("left", "right")] if now else []


def answer(
    study: Study, token: str, trial: int, picked: str, milliseconds: int = 500, page: str = WINDOW
) -> dict[str, Any]:
    """Look at the next pair, then send an answer, be it to another one."""
    look(study, token, page)
    return study.answer(token, trial, picked, milliseconds, page)


def given(trial: int, picked: str = "left", milliseconds: int = 700, page: str = WINDOW) -> dict:
    """The body of an answer."""
    return {"trial": trial, "picked": picked, "milliseconds": milliseconds, "page": page}


def look_by_http(client: httpx.Client, link: str, page: str = WINDOW) -> None:
    """Be handed the next pair, if there is one, and ask for its pictures."""
    now = client.post(f"{link}/showings", json={"page": page}).raise_for_status().json()["now"]
    for side in ("left", "right") if now else ():
        client.get(f"{link}/{now[side]}.png").raise_for_status()
