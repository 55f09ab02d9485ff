"""Pairs and answers: each participant's own, in turn, once."""

import hashlib
import re
import sqlite3
from collections import Counter

import pytest
from study_participant import OTHER_WINDOW, WINDOW, answer, look

from experiments.turing.__main__ import main
from experiments.turing.pairs import pairs_for
from experiments.turing.showing import GRACE, OutOfTurn, TimeIsOver
from experiments.turing.study import Settings, Study, UnknownParticipant, database_of
from polychrome.errors import InputError


def drawn(participant: int, seed: int = 1):
    photographs, systems = list(range(60)), [0, 1, 2]
    return pairs_for(participant, photographs, systems, 3, pairs=15, checks=4, seed=seed)


def test_pairs_are_by_seed_and_participant_and_no_photograph_comes_twice():
    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8) and drawn(7) != drawn(7, seed=2)
    for participant in range(1, 40):
        pairs = drawn(participant)
        assert len({pair.photograph for pair in pairs}) == len(pairs) == 49
        assert Counter(pair.system for pair in pairs) == {0: 15, 1: 15, 2: 15, 3: 4}


def test_sides_and_order_say_nothing_about_systems():
    pairs = [drawn(participant) for participant in range(1, 401)]
    for system in range(4):
        sides = [each.real_side for one in pairs for each in one if each.system == system]
        # 4 standard deviations of a fair coin
        assert abs(sides.count("left") / len(sides) - 0.5) < 4 * 0.5 / len(sides) ** 0.5
    first = Counter(one[0].system for one in pairs)
    assert abs(first[3] - 400 * 4 / 49) < 4 * (400 * 4 / 49) ** 0.5


def test_an_answer_counts_once_and_in_turn(study):
    token = study.enroll()
    begun = study.state(token)
    assert (begun["done"], begun["total"], begun["now"]["trial"]) == (0, 8, 0)
    after = answer(study, token, 0, "left", 800)
    assert after["done"] == 1 and after["now"] == begun["upcoming"]
    repeated = answer(study, token, 0, "right", 1)  # keeps the first
    assert repeated == after
    for trial in (2, -1):
        with pytest.raises(OutOfTurn, match="the next one is 1"):
            answer(study, token, trial, "left", 800)
    found = study.rows("SELECT trial, picked, milliseconds FROM answers")
    assert [tuple(row) for row in found] == [(0, "left", 800)]


def test_a_participant_goes_on_after_the_server_ended(folder):
    study = Study.open(folder)
    token = study.enroll()
    for trial in range(5):
        state = answer(study, token, trial, "left")
    study.close()
    again = Study.open(folder)
    assert again.state(token) == state
    for trial in range(5, 8):
        state = answer(again, token, trial, "right")
    assert state["now"] is None and state["done"] == state["total"] == 8
    sides = [pair.real_side for pair in again.pairs_of(token) if pair.system in again.systems]
    checks = [n for n, pair in enumerate(again.pairs_of(token)) if pair.system not in again.systems]
    picked = [side for n, side in enumerate(["left"] * 5 + ["right"] * 3) if n not in checks]
    expected = sum(one == other for one, other in zip(sides, picked, strict=True))
    assert state["recognized"] == [expected, 6]
    with pytest.raises(OutOfTurn):
        answer(again, token, 8, "left")
    again.close()


def test_tokens_are_of_one_participant_and_not_in_the_database(study, folder):
    tokens = [study.enroll() for _ in range(3)]
    names = [
        {
            row[side]
            for row in study.rows("SELECT left_name, right_name FROM trials")
            for side in (0, 1)
        }
    ]
    assert len(names[0]) == 3 * 8 * 2  # no name twice
    answer(study, tokens[0], 0, "left")
    assert [study.state(token)["done"] for token in tokens] == [1, 0, 0]
    other = study.state(tokens[1])["now"]["left"]
    assert study.picture(tokens[1], other).is_file()
    for token, name in ((tokens[0], other), ("x" * 32, other), (tokens[1], "0" * 24)):
        with pytest.raises(UnknownParticipant):
            study.picture(token, name)
    with pytest.raises(UnknownParticipant):
        study.answer("x" * 32, 0, "left", 500, WINDOW)
    study.rows("PRAGMA wal_checkpoint")
    stored = database_of(folder).read_bytes()
    assert not any(token.encode() in stored for token in tokens)


def test_the_last_part_of_a_link_is_one_word_and_no_option():
    """A dash in front would be an option of `forget`; one within ends what a tap selects."""
    names = [f"photo-{number}" for number in range(2)]
    study = Study.create(None, Settings(seed=0, pairs=1, checks=1), {"one": ""}, names)
    tokens = {study.enroll() for _ in range(200)}
    assert len(tokens) == 200 and all(re.fullmatch("[0-9a-f]{32}", token) for token in tokens)


def test_pictures_are_those_of_the_sides(study):
    token = study.enroll()
    for trial, pair in enumerate(study.pairs_of(token)):
        names = [path.name for path in look(study, token)]
        files = dict(zip(("left", "right"), names, strict=True))
        assert files.pop(pair.real_side) == "real.png"
        assert list(files.values()) == [f"system-{pair.system}.png"]
        study.answer(token, trial, "left", 500, WINDOW)


def showings_of(study: Study) -> list[int]:
    """How often each pair of all participants was shown."""
    return [row[0] for row in study.rows("SELECT showings FROM trials ORDER BY participant, trial")]


def test_showings_count_windows_and_reloads_but_not_requests_sent_again(study):
    token = study.enroll()
    study.state(token)
    look(study, token)
    look(study, token)  # the reply was lost
    assert showings_of(study)[:3] == [1, 0, 0]
    look(study, token, OTHER_WINDOW)
    assert showings_of(study)[:3] == [2, 0, 0]
    # Both windows show pair 0, and the next one after their answers.
    for _ in range(2):
        shown = study.answer(token, 0, "left", 500, WINDOW)["now"]
        assert showings_of(study)[:3] == [2, 1, 0]
    for _ in range(2):
        assert study.answer(token, 0, "right", 700, OTHER_WINDOW)["now"] == shown
        assert showings_of(study)[:3] == [2, 2, 0]
    assert study.answer(token, 0, "left", 500, WINDOW)["now"] == shown
    assert showings_of(study)[:3] == [2, 2, 0]
    for trial in range(1, 8):
        answer(study, token, trial, "left")
    assert showings_of(study) == [2, 2, 1, 1, 1, 1, 1, 1]
    assert study.rows("SELECT * FROM pages") == []  # none is kept


@pytest.mark.parametrize("time_limit", [None, 300.0])
def test_an_answer_needs_the_pair_and_both_pictures(tmp_path, prepare_study, time_limit):
    study = Study.open(prepare_study(tmp_path / "study", time_limit=time_limit))
    token = study.enroll()
    now = study.state(token)["now"]
    for side in ("left", "right"):
        study.picture(token, now[side])
    with pytest.raises(OutOfTurn, match="pair 0 was not handed out to this page"):
        study.answer(token, 0, "left", 500, WINDOW)
    study.state(token, page=OTHER_WINDOW)
    with pytest.raises(OutOfTurn, match="pair 0 was not handed out to this page"):
        study.answer(token, 0, "left", 500, WINDOW)
    now = study.answer(token, 0, "left", 500, OTHER_WINDOW)["now"]
    for side in ("right", "left"):
        with pytest.raises(OutOfTurn, match="the pictures of pair 1 were not both sent yet"):
            study.answer(token, 1, "left", 500, OTHER_WINDOW)
        study.picture(token, now[side])
    assert study.rows("SELECT count(*) FROM answers")[0][0] == 1
    # They were sent once, be it to another page.
    study.state(token, page=WINDOW)
    assert study.answer(token, 1, "left", 500, WINDOW)["done"] == 2
    study.close()


def test_after_its_time_a_pair_is_answered_even_if_one_picture_never_came(tmp_path, prepare_study):
    """Nobody is sent the other one any more, and everybody has to go on."""
    study = Study.open(prepare_study(tmp_path / "study", time_limit=300.0))
    token = study.enroll()
    study.picture(token, study.state(token, page=WINDOW)["now"]["left"])
    for passed, is_over in ((100, False), (200, True)):
        study.rows("UPDATE trials SET first_sent = first_sent - ?", [passed])
        if is_over:
            assert study.answer(token, 0, "left", 500, WINDOW)["done"] == 1
        else:
            with pytest.raises(OutOfTurn):
                study.answer(token, 0, "left", 500, WINDOW)
    study.close()


def test_a_pair_has_its_time_once_and_keeps_it_over_a_restart(tmp_path, prepare_study):
    folder = prepare_study(tmp_path / "study", time_limit=30.0)
    study = Study.open(folder)
    token = study.enroll()
    begun = study.state(token, page=WINDOW)
    assert begun["remaining"] == begun["time_limit"] == 30.0 and begun["upcoming"] is None
    assert study.state(token) == begun  # asking alone starts nothing
    names = [begun["now"][side] for side in ("right", "left")]
    study.picture(token, names[0])
    (started,) = study.rows("SELECT first_sent FROM trials WHERE trial = 0")[0]
    study.rows("UPDATE trials SET first_sent = first_sent - 12 WHERE trial = 0")
    study.close()
    again = Study.open(folder)
    assert 0.0 < again.state(token)["remaining"] <= 18.0
    again.picture(token, names[1])
    assert again.rows("SELECT first_sent FROM trials WHERE trial = 0")[0][0] == started - 12
    again.rows("UPDATE trials SET first_sent = first_sent - 18 WHERE trial = 0")
    assert again.state(token)["remaining"] == 0.0
    again.rows("UPDATE trials SET first_sent = first_sent - ? WHERE trial = 0", [GRACE])
    for name in names:
        with pytest.raises(TimeIsOver):
            again.picture(token, name)
    # Neither does a clock that is set far back give the time again.
    again.rows("UPDATE trials SET first_sent = first_sent + 3600 WHERE trial = 0")
    assert again.state(token)["remaining"] == 0.0
    after = again.answer(token, 0, "left", 45_000, WINDOW)
    assert (after["done"], after["remaining"]) == (1, 30.0)
    with pytest.raises(TimeIsOver):  # answered
        again.picture(token, names[0])
    later = again.rows("SELECT left_name, right_name FROM trials WHERE trial = 2")[0]
    for name in later:
        with pytest.raises(UnknownParticipant):  # not yet
            again.picture(token, name)
    started = again.rows("SELECT trial FROM trials WHERE first_sent IS NOT NULL")
    assert [row[0] for row in started] == [0]
    again.close()


def test_answers_and_what_a_study_is_cannot_be_changed(study, folder):
    answer(study, study.enroll(), 0, "left")
    other = sqlite3.connect(database_of(folder))
    for statement in (
        "UPDATE answers SET picked = 'right'",
        "UPDATE study SET simulated = 1",
        "DELETE FROM study",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="stays"):
            other.execute(statement)
    for statement in (
        "INSERT INTO answers VALUES (1, 1, 'middle', 5, '')",
        "INSERT INTO answers VALUES (1, 1, 'left', -5, '')",
        "INSERT INTO answers VALUES (1, 0, 'left', 5, '')",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            other.execute(statement)
    other.close()


@pytest.mark.parametrize(
    "form",
    [
        "https://example.org/s/{}",
        "/s/{}/",
        "http://a/s/{}?x=1#y",
        "{}",
        " <https://example.org/s/{}>,\n",
        '"http://127.0.0.1:8000/s/{}".',
    ],
)
def test_who_takes_consent_back_is_deleted_from_the_file(study, folder, capsys, form):
    tokens = [study.enroll() for _ in range(3)]
    for token in tokens:
        answer(study, token, 0, "left")
    answer(study, tokens[1], 1, "right")
    names = set(study.state(tokens[1])["now"].values())
    hashes = [hashlib.sha256(token.encode()).digest() for token in tokens]
    # By a process of its own, as it were, while `study` stays open.
    assert main(["forget", str(folder), form.format(tokens[1])]) == 0
    assert "participant 2 and 2 answers are deleted" in capsys.readouterr().out
    for table in ("participants", "trials", "pages", "answers"):
        found = study.rows(f"SELECT DISTINCT participant FROM {table} ORDER BY participant")
        assert [row[0] for row in found] == [1, 3]
    assert [study.has(token) for token in tokens] == [True, False, True]
    stored = b"".join(path.read_bytes() for path in folder.glob("study.sqlite*"))
    assert [each in stored for each in hashes] == [True, False, True]
    assert not any(str(name).encode() in stored for name in names if isinstance(name, str))
    study.enroll()
    assert study.rows("SELECT max(participant) FROM participants")[0][0] == 4


@pytest.mark.parametrize("link", ["", "https://example.org/", "/s/" + "x" * 32, "http://[/s/", "x"])
def test_a_link_of_nobody_deletes_nothing(study, folder, capsys, link):
    token = study.enroll()
    for given in (link, f"/s/{token[:-1]}", f"/s/{token}/answers"):
        assert main(["forget", str(folder), given]) == 1
        said = capsys.readouterr().err
        assert said.startswith(f"error: {given}: nobody in {folder} has this link, should be")
        assert said.count("\n") == 1
    assert study.has(token)
    assert main(["forget", str(folder / "none"), f"/s/{token}"]) == 1
    assert "no such file" in capsys.readouterr().err


def test_a_commit_reaches_the_disk(study):
    assert study.rows("PRAGMA journal_mode")[0][0] == "wal"
    assert study.rows("PRAGMA synchronous")[0][0] == 2  # FULL


def test_other_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        Study.open(tmp_path)
    (tmp_path / "study.sqlite").write_text("text " * 200)
    with pytest.raises(InputError, match="study.sqlite"):
        Study.open(tmp_path)
    (tmp_path / "study.sqlite").unlink()
    sqlite3.connect(tmp_path / "study.sqlite").execute("CREATE TABLE t (x)").connection.close()
    with pytest.raises(InputError, match="no database of a study"):
        Study.open(tmp_path)
    with pytest.raises(InputError, match="exists"):
        Study.create(tmp_path, Settings(seed=0), {"gray": ""}, ["a"])
    with pytest.raises(InputError, match="the name 'attention check' is taken"):
        Study.create(tmp_path / "new", Settings(seed=0), {"attention check": ""}, ["a"])
    assert not (tmp_path / "new").exists()
