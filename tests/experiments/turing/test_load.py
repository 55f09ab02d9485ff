"""A server that is killed, and one that two hundred people use at once."""

import asyncio
import hashlib
import os
import random
import signal
import sqlite3
import threading
import time

import httpx
import pytest
from study_participant import WINDOW, given, look_by_http
from study_server import serving

from experiments.turing.study import database_of

PAIRS = 8  # of a participant


def participant_of(folder, link: str) -> int:
    """The number of the participant with a link, of which the database has the hash alone."""
    connection = sqlite3.connect(database_of(folder))
    hashed = hashlib.sha256(link.removeprefix("/s/").encode()).digest()
    query = "SELECT participant FROM participants WHERE token_hash = ?"
    (number,) = connection.execute(query, (hashed,)).fetchone()
    connection.close()
    return number


def answers_in(folder) -> dict[tuple[int, int], str]:
    """What the database holds, by participant and pair; it must be whole."""
    connection = sqlite3.connect(database_of(folder))
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    rows = connection.execute("SELECT participant, trial, picked FROM answers").fetchall()
    connection.close()
    return {(participant, trial): picked for participant, trial, picked in rows}


@pytest.mark.long
def test_what_was_acknowledged_survives_kill_9(folder):
    sent: dict[tuple[str, int], str] = {}
    acknowledged: dict[tuple[str, int], str] = {}
    links: list[str] = []

    def take_part(place: str) -> None:
        with httpx.Client(base_url=place, timeout=60) as client:
            link = client.post("/participants", json={"consent": True}).json()["link"]
            links.append(link)
            for trial in range(PAIRS):
                picked = sent[link, trial] = random.choice(["left", "right"])
                try:
                    look_by_http(client, link)
                    reply = client.post(f"{link}/answers", json=given(trial, picked))
                    reply.raise_for_status()
                except httpx.TransportError:
                    return
                acknowledged[link, trial] = picked

    with serving(folder) as (place, _, process):
        people = [threading.Thread(target=take_part, args=[place]) for _ in range(8)]
        for person in people:
            person.start()
        while len(acknowledged) < 3 * PAIRS:
            assert any(person.is_alive() for person in people)
            time.sleep(0.001)
        os.kill(process.pid, signal.SIGKILL)
        for person in people:
            person.join()
    assert len(acknowledged) < 8 * PAIRS  # it was killed in the middle
    before = answers_in(folder)
    number_of = {link: participant_of(folder, link) for link in links}
    kept = {(number_of[link], trial): picked for (link, trial), picked in acknowledged.items()}
    tried = {(number_of[link], trial): picked for (link, trial), picked in sent.items()}
    # Each sent one at a time, so that the last of each may be stored without having been told.
    assert kept.items() <= before.items() <= tried.items()
    with serving(folder) as (place, summary, _), httpx.Client(base_url=place, timeout=60) as client:
        for link in links:
            state = client.get(f"{link}/state").json()
            assert state["done"] == sum(number == number_of[link] for number, _ in before)
            for trial in range(state["done"], PAIRS):
                look_by_http(client, link)
                state = client.post(f"{link}/answers", json=given(trial)).json()
            assert state["now"] is None
        assert (
            client.get(summary.replace("/summary", "/summary.json")).json()["answers"]
            == len(links) * PAIRS
        )
    after = answers_in(folder)
    assert before.items() <= after.items()


async def _sent(client: httpx.AsyncClient, method: str, path: str, **options) -> httpx.Response:
    """Send as the page does: again, should the connection have been closed meanwhile."""
    for _ in range(3):
        try:
            return await client.request(method, path, **options)
        except httpx.TransportError:
            continue
    return await client.request(method, path, **options)


async def _person(client: httpx.AsyncClient, number: int, picks: dict[str, list[str]]) -> None:
    """Take part: some answers are sent twice at once, the second one with the other side."""
    coin = random.Random(number)
    link = (await client.post("/participants", json={"consent": True})).json()["link"]
    assert (await _sent(client, "GET", link)).status_code == 200
    state = (await _sent(client, "POST", f"{link}/showings", json={"page": WINDOW})).json()
    picks[link] = []
    while state["now"] is not None:
        now = state["now"]
        places = [f"{link}/{now[side]}.png" for side in ("left", "right")]
        pictures = [await _sent(client, "GET", place) for place in places]
        assert len(pictures[0].content) == len(pictures[1].content) > 0
        picked = coin.choice(["left", "right"])
        body = given(now["trial"], picked)
        times = 2 if coin.random() < 0.3 else 1
        sent = [_sent(client, "POST", f"{link}/answers", json=body) for _ in range(times)]
        replies = [reply.json() for reply in await asyncio.gather(*sent)]
        assert all(reply == replies[0] for reply in replies)
        picks[link].append(picked)
        if now["trial"] == 1:
            body["picked"] = "left" if picked == "right" else "right"
            late = await _sent(client, "POST", f"{link}/answers", json=body)
            assert late.json() == replies[0]
        state = replies[0]
    assert state["done"] == state["total"] == PAIRS


async def _crowd(place: str, people: int) -> dict[str, list[str]]:
    picks: dict[str, list[str]] = {}
    limits = httpx.Limits(max_connections=people, max_keepalive_connections=people)
    async with httpx.AsyncClient(base_url=place, timeout=300, limits=limits) as client:
        await asyncio.gather(*(_person(client, number, picks) for number in range(people)))
    return picks


@pytest.mark.long
def test_two_hundred_at_once_lose_no_answer_and_double_none(folder):
    with serving(folder) as (place, summary, _):
        picks = asyncio.run(_crowd(place, 200))
        found = httpx.get(summary.replace("/summary", "/summary.json"), timeout=60).json()
    assert found["participants"]["finished"] == 200 and found["answers"] == 200 * PAIRS
    stored = answers_in(folder)
    assert len(stored) == 200 * PAIRS
    for link, picked in picks.items():
        number = participant_of(folder, link)
        assert [stored[number, trial] for trial in range(PAIRS)] == picked
