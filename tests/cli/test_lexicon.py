"""`sebaya lexicon`, on the rules as they are shipped."""

from __future__ import annotations

import json
from typing import Any

from tests.cli.conftest import House
from tests.lexicon.small import FLY

TEXT = "aku mau terbang ke bintang"


def written(house: House, *changes: dict[str, Any]) -> str:
    path = house.folder / "changes.json"
    path.write_text(json.dumps(list(changes)))
    return str(path)


def test_from_a_file_to_a_version_and_back(house: House) -> None:
    file = written(house, FLY)
    proposed = house.do("lexicon", "propose", file, "--reason", "a word of the city")
    assert proposed.status == 0
    draft = proposed.out.split()[-1]
    assert draft in house.do("lexicon", "proposals").out
    assert house.do("lexicon", "publish", draft).out == "Version 1 is published.\n"
    found = json.loads(house.do("lexicon", "try", TEXT).out)
    assert (found["level"], found["version"], found["hits"][0]["rule"]) == ("high", 1, "fly")
    shown = json.loads(house.do("lexicon", "show", "rule:fly").out)
    assert shown["origin"] == "added" and shown["version"]["published_by"] == "cli"
    assert "version 0 again" in house.do("lexicon", "rollback", "0", "--reason", "as shipped").out
    assert "rule:voices" in house.do("lexicon", "list", "--text", "bisikan").out
    listed = house.do("lexicon", "versions").out
    assert "as shipped" in listed and "a word" in listed


def test_what_is_wrong_is_one_sentence(house: House) -> None:
    broken = written(house, {**FLY, "rule": {**FLY["rule"], "matches": []}})
    done = house.do("lexicon", "propose", broken, "--reason", "x y z")
    assert done.status == 2 and "changes.0.rule.rule.matches" in done.err
    unedited = written(house, {"do": "restore", "entry": "rule:voices"})
    done = house.do("lexicon", "dry-run", unedited)
    assert done.status == 1 and "changes.0: rule:voices: nothing of it is edited" in done.err
    assert house.do("lexicon", "dry-run", "nowhere.json").status == 2
    assert house.do("lexicon", "show", "rule:nobody").status == 1
    assert house.do("lexicon", "publish", "nobody").status == 1
    assert house.do("lexicon", "mark", "nobody", "--right").status == 1
    assert "0 marks" in house.do("lexicon", "marks").out
