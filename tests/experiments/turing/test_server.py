"""What the server tells and takes."""

import contextlib
import json
import re
import socket
import threading
import time
from collections import defaultdict

import httpx
import pytest
import uvicorn
from png_makeup import beside_pixels
from study_participant import OTHER_WINDOW, WINDOW, given, look_by_http

from experiments.turing.server import MAX_BODY, create_app
from experiments.turing.study import Study

TOKEN = "a-token-for-the-admin-of-this-study"


@contextlib.contextmanager
def talking(study):
    """Talk to a server in another thread."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(study, TOKEN), log_level="error"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.005)
    place = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        with httpx.Client(base_url=place, timeout=60) as client:
            yield client
    finally:  # a test that failed would wait for its server for good
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture
def client(study):
    """Talks to a server of `study`."""
    with talking(study) as client:
        yield client


def enroll(client) -> str:
    """The link of a new participant."""
    response = client.post("/participants", json={"consent": True})
    assert response.status_code == 201
    return response.json()["link"]


def give(client, link: str, trial: int, picked: str = "left", milliseconds: int = 700):
    """Send an answer, of the page that has the pair."""
    return client.post(f"{link}/answers", json=given(trial, picked, milliseconds))


def test_nothing_tells_which_is_real(client, study):
    """Of 3 participants' pairs, all that is sent is alike on both sides but pixels and names."""
    shapes = defaultdict(set)
    names = set()
    for _ in range(3):
        link = enroll(client)
        pairs = study.pairs_of(link.removeprefix("/s/"))
        page = client.get(link).text
        sent = client.post(f"{link}/showings", json={"page": WINDOW}).text
        for trial, pair in enumerate(pairs):
            state = json.loads(sent)
            now = state["now"]
            assert list(now) == ["trial", "left", "right"]
            responses = {side: client.get(f"{link}/{now[side]}.png") for side in ("left", "right")}
            headers = [
                [item for item in each.headers.multi_items() if item[0] != "date"]
                for each in responses.values()
            ]
            assert headers[0] == headers[1]
            kept = [each.strip() for each in dict(headers[0])["cache-control"].split(",")]
            assert "no-transform" in kept  # compressed lengths would tell
            assert not {"etag", "last-modified", "set-cookie"} & {name for name, _ in headers[0]}
            files = [each.content for each in responses.values()]
            assert files[0] != files[1] or pair.system == 1  # an oracle may be exact
            assert beside_pixels(files[0]) == beside_pixels(files[1])
            names |= {now["left"], now["right"]}
            if trial < len(pairs) - 1:  # then another one follows
                form = re.sub(r"\d+", "NUMBER", re.sub('"[0-9a-f]{24}"', "NAME", sent))
                shapes[pair.real_side].add(form)
            for word in ("real_side", "gray", "quarter", "system", "photo-", pair.real_side + '"'):
                assert word not in sent.replace('"left":', "").replace('"right":', "")
            sent = give(client, link, trial).text
        shapes["page"].add(page)
    assert shapes["left"] == shapes["right"] and len(shapes["left"]) == 1
    assert len(shapes["page"]) == 1
    assert not any(word in page for word in ("gray", "quarter", "photo-"))
    assert len(names) == 3 * 8 * 2


def test_names_have_no_order(study):
    """Of 400 pairs the real picture's name is the smaller one about as often as not."""
    for _ in range(50):
        study.enroll()
    rows = study.rows("SELECT real_side, left_name, right_name FROM trials")
    smaller = sum(
        (row["left_name"] < row["right_name"]) == (row["real_side"] == "left") for row in rows
    )
    assert abs(smaller - 200) < 4 * 10  # 4 standard deviations


def test_repeated_and_forged_answers_count_once(client, study):
    mine, other = enroll(client), enroll(client)
    unseen = give(client, mine, 0, "right")
    assert unseen.status_code == 409 and "not handed out" in unseen.json()["detail"]
    client.post(f"{mine}/showings", json={"page": WINDOW})
    unseen = give(client, mine, 0, "right")
    assert unseen.status_code == 409 and "not both sent" in unseen.json()["detail"]
    look_by_http(client, mine)
    first = give(client, mine, 0, "left")
    assert first.status_code == 200 and first.json()["done"] == 1
    assert first.headers["cache-control"] == "no-store"
    again = give(client, mine, 0, "right")
    assert again.status_code == 200 and again.json() == first.json()
    assert give(client, mine, 5).status_code == 409
    assert give(client, mine, 0).json() == first.json()
    assert give(client, "/s/" + "A" * 32, 0).status_code == 404
    found = study.rows("SELECT participant, trial, picked FROM answers")
    assert [tuple(row) for row in found] == [(1, 0, "left")]
    assert client.get(f"{other}/state").json()["done"] == 0


def test_pictures_are_for_their_participant_alone(client):
    mine, other = enroll(client), enroll(client)
    name = client.get(f"{mine}/state").json()["now"]["left"]
    assert client.get(f"{mine}/{name}.png").headers["content-type"] == "image/png"
    assert client.get(f"{other}/{name}.png").status_code == 404
    for path in (f"{mine}/real.png", f"{mine}/../../study.sqlite", "/pictures/00000/real.png"):
        assert client.get(path).status_code in (404, 422)
    assert client.get("/static/..%2fserver.py").status_code == 404
    assert client.get("/docs").status_code == client.get("/openapi.json").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"trial": 0, "picked": "left", "page": WINDOW},
        {"trial": 0, "picked": "left", "milliseconds": 700},
        {**given(0), "trial": "0"},
        {**given(0), "picked": "middle"},
        {**given(0), "trial": -1},
        {**given(0), "milliseconds": -5},
        {**given(0), "milliseconds": 1e30},
        {**given(0), "milliseconds": 2**53},
        {**given(0), "milliseconds": 5.5},
        {**given(0), "real_side": "left"},
        {**given(0), "trial": True},
        {**given(0), "page": "mine"},
        ["left"],
    ],
    ids=str,
)
def test_wrong_answers_are_refused(client, study, body):
    link = enroll(client)
    look_by_http(client, link)
    assert client.post(f"{link}/answers", json=body).status_code == 422
    assert study.rows("SELECT * FROM answers") == []


@pytest.mark.parametrize("milliseconds", [0, 86_400_001, 2**53 - 1])
def test_an_answer_may_take_days(client, study, milliseconds):
    link = enroll(client)
    look_by_http(client, link)
    assert give(client, link, 0, milliseconds=milliseconds).status_code == 200
    assert study.rows("SELECT milliseconds FROM answers")[0][0] == milliseconds


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"consent": false}', b"[]"], ids=repr)
def test_nobody_takes_part_without_consent(client, study, body):
    assert client.post("/participants", content=body).status_code == 422
    assert study.rows("SELECT * FROM participants") == []


def test_the_time_of_a_pair_is_the_same_in_every_window(tmp_path, prepare_study):
    """A second window by the same link has what is left; after it no picture is sent."""
    study = Study.open(prepare_study(tmp_path / "study", time_limit=40.0))
    with talking(study) as client:
        link = enroll(client)
        assert client.get(f"{link}/state").json()["remaining"] == 40.0
        page, other = {"page": WINDOW}, {"page": OTHER_WINDOW}
        now = client.post(f"{link}/showings", json=page).json()["now"]
        places = [f"{link}/{now[side]}.png" for side in ("left", "right")]
        in_a_tab = client.get(places[0], headers={"Sec-Fetch-Dest": "document"})
        assert in_a_tab.status_code == 403
        assert client.get(f"{link}/state").json()["remaining"] == 40.0  # nothing was sent
        by_page = {"Sec-Fetch-Dest": "image"}
        sent = [client.get(place, headers=by_page) for place in places]
        assert [each.status_code for each in sent] == [200, 200]
        assert len(sent[0].content) == len(sent[1].content)
        same = [[item for item in r.headers.multi_items() if item[0] != "date"] for r in sent]
        assert same[0] == same[1]
        assert sent[0].headers["cache-control"] == "no-store, no-transform"

        study.rows("UPDATE trials SET first_sent = first_sent - 25 WHERE trial = 0")
        second = client.post(f"{link}/showings", json=other).json()
        assert second["now"] == now and 0.0 < second["remaining"] <= 15.0
        assert client.get(places[1]).content == sent[1].content
        assert client.get(f"{link}/state").json()["remaining"] <= second["remaining"]

        study.rows("UPDATE trials SET first_sent = first_sent - 25 WHERE trial = 0")
        assert client.post(f"{link}/showings", json=page).json()["remaining"] == 0.0
        refused = [client.get(place) for place in places]
        assert [each.status_code for each in refused] == [410, 410]
        assert refused[0].content == refused[1].content and b"PNG" not in refused[0].content

        after = give(client, link, 0, "right", 60_000)
        assert after.status_code == 200 and after.json()["done"] == 1
        assert after.json()["remaining"] == 40.0 and after.json()["upcoming"] is None
        assert client.get(f"{link}/{after.json()['now']['left']}.png").status_code == 200
        stored = study.rows(
            "SELECT trial, picked, milliseconds, showings FROM answers "
            "JOIN trials USING (participant, trial)"
        )
        assert [tuple(row) for row in stored] == [(0, "right", 60_000, 2)]
    study.close()


def test_long_bodies_are_refused_with_and_without_a_length(client):
    link = enroll(client)
    long = b" " * (MAX_BODY + 1)
    assert client.post(f"{link}/answers", content=long).status_code == 413
    assert client.post(f"{link}/answers", content=iter([long[:9], long])).status_code == 413


def test_pages_keep_links_to_themselves_and_run_no_foreign_code(client):
    link = enroll(client)
    for path, status in (("/", 200), (link, 200), ("/s/" + "x" * 32, 404), ("/s/short", 404)):
        response = client.get(path)
        assert response.status_code == status and response.text.startswith("<!doctype html>")
        assert response.headers["referrer-policy"] == "no-referrer"
        assert "script-src 'self';" in response.headers["content-security-policy"]
        assert not re.search(r"https?://|<script>", response.text)
    for path in ("/", link):  # what watches a site, or shows a preview of it, asks by HEAD
        response = client.head(path)
        assert response.status_code == 200 and response.content == b""
        assert response.headers["content-length"] == client.get(path).headers["content-length"]
    assert client.head("/s/" + "x" * 32).status_code == 404
    assert "Ada &lt;ada@example.org&gt;" in client.get("/").text


@pytest.mark.parametrize("path", ["/summary", "/summary.json", "/answers.csv"])
def test_the_summary_needs_the_token(client, path):
    link = enroll(client)
    look_by_http(client, link)
    assert give(client, link, 0).status_code == 200
    for refused in ({}, {"token": ""}, {"token": "wrong"}, {"token": link.removeprefix("/s/")}):
        assert client.get(path, params=refused).status_code == 403
    assert client.get(path, headers={"Authorization": "Bearer x"}).status_code == 403
    by_link = client.get(path, params={"token": TOKEN})
    by_header = client.get(path, headers={"Authorization": f"Bearer {TOKEN}"})
    assert by_link.status_code == by_header.status_code == 200
    assert by_link.headers["cache-control"] == "no-store"
    assert link.removeprefix("/s/") not in by_link.text + by_header.text


def test_the_summary_follows_the_answers(client, study):
    link = enroll(client)
    for trial, pair in enumerate(study.pairs_of(link.removeprefix("/s/"))):
        look_by_http(client, link)
        last = give(client, link, trial, pair.real_side)
    assert last.json()["recognized"] == [6, 6]
    found = client.get("/summary.json", params={"token": TOKEN}).json()
    assert found["participants"]["counted"] == 1
    assert {row["name"]: row["rate"] for row in found["systems"]} == {"gray": 0.0, "quarter": 0.0}
    lines = client.get("/answers.csv", params={"token": TOKEN}).text.splitlines()
    assert len(lines) == 9 and lines[1].startswith("people,1,0,photo-")
    page = client.get("/summary", params={"token": TOKEN}).text
    assert f"answers.csv?token={TOKEN}" in page and "quarter" in page
