"""What the fact gate's dictionary keeps of WordNet: common senses, as stems, with what is more general."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.judgement import boil_wordnet

#: Places, as in WordNet: a car is a vehicle, which is a thing; `go` means `die` rarely; to rise is not to sink.
DATA = {
    "data.noun": [
        "  1 a line of the licence",
        "00000001 06 n 02 car 0 wagonette 0 001 @ 00000002 n 0000 | four wheels",
        "00000002 06 n 01 vehicle 0 001 @ 00000003 n 0000 | it carries",
        "00000003 03 n 01 thing 0 000 | anything",
        "00000004 04 n 01 resignation 0 001 + 00000011 v 0101 | the act",
    ],
    "data.verb": [
        "00000010 30 v 02 die 0 go 0 000 00 | the end",
        "00000011 41 v 02 resign 0 step_down 0 001 + 00000004 n 0101 00 | leave an office",
        "00000012 30 v 01 rise 0 001 ! 00000013 v 0101 00 | up",
        "00000013 30 v 01 sink 0 001 ! 00000012 v 0101 00 | down",
        "00000014 38 v 01 go 0 000 00 | move",
    ],
    "data.adj": [],
    "data.adv": [],
    "index.sense": [
        "car%1:06:00:: 00000001 1 70",
        "wagonette%1:06:00:: 00000001 1 3",
        "vehicle%1:06:00:: 00000002 1 9",
        "thing%1:03:00:: 00000003 1 50",
        "resignation%1:04:00:: 00000004 1 2",
        "die%2:30:00:: 00000010 1 90",
        "go%2:30:00:: 00000010 12 1",
        "go%2:38:00:: 00000014 1 400",
        "resign%2:41:00:: 00000011 1 4",
        "step_down%2:41:00:: 00000011 1 0",
        "rise%2:30:00:: 00000012 1 40",
        "sink%2:30:00:: 00000013 1 10",
    ],
}


@pytest.fixture
def dictionary(tmp_path: Path) -> dict[str, list[str]]:
    for name, lines in DATA.items():
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return {head: rest for head, *rest in (one.split("\t") for one in boil_wordnet.lines(tmp_path))}


def test_synonyms_are_kept_and_one_step_up_but_nothing_vague(
    dictionary: dict[str, list[str]],
) -> None:
    assert dictionary["car"] == ["wagonet", "vehicl", ""]
    assert "vehicl" not in dictionary  # only a thing is above it


def test_what_is_derived_says_the_same_and_two_words_may(dictionary: dict[str, list[str]]) -> None:
    assert dictionary["step down"][0] == "resign"
    assert "resign" not in dictionary  # `resignation` has its stem already


def test_a_rare_sense_is_left_out_and_opposites_are_kept(dictionary: dict[str, list[str]]) -> None:
    assert "die" not in dictionary
    assert dictionary["rise"][2] == "sink"
