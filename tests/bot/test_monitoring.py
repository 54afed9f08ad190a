"""The dashboard and the alerts ask for figures that exist, and every alert has its page for whoever it wakes."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import yaml

from bot.app import build
from bot.clock import SetClock
from bot.settings import load_settings
from bot.store.keys import key_text, new_key
from tests.house.files import ROOT

FOLDER = ROOT / "deploy" / "monitoring"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text())
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"] for rule in group["rules"]
]
WORDS = {
    "abs", "absent", "and", "by", "histogram_quantile", "increase", "max", "min", "on", "or", "predict_linear", "rate",
    "sum", "time",
}  # fmt: skip
"""Functions and words of PromQL that we use."""
OTHERS = {"up": {"job", "instance"}, "process_resident_memory_bytes": {"instance"}}
"""Figures that Prometheus and its client add; every figure of ours is scraped with these labels too."""
SCRAPED = {"job", "instance"}

Known = dict[str, set[str]]


@pytest.fixture
async def known() -> AsyncIterator[Known]:
    """Every figure of /metrics, with its labels."""
    settings = load_settings(None, database_url="sqlite://", secret_keys=key_text([new_key()]))
    app = await build(settings, clock=SetClock(1_795_000_000_000), channels={})
    names: Known = dict(OTHERS)
    for family in (await app.metrics()).collect():
        labels = {*getattr(family, "_labelnames", ()), *SCRAPED}
        if family.type == "counter":
            names[f"{family.name}_total"] = labels
        elif family.type == "histogram":
            names |= {f"{family.name}_{end}": labels | {"le"} for end in ("bucket", "sum", "count")}
        else:
            names[family.name] = labels
    # On SQLite in memory there is no disk; these stand at every other one.
    names |= {f"sebaya_{each}": set(SCRAPED) for each in ("disk_free_bytes", "disk_total_bytes", "store_bytes")}
    yield names
    await app.stop()


def panels() -> Iterator[dict[str, Any]]:
    return (panel for panel in DASHBOARD["panels"] if panel["type"] != "row")


def queries() -> list[tuple[str, str]]:
    found = [(panel["title"], target["expr"]) for panel in panels() for target in panel["targets"]]
    return found + [(rule["alert"], rule["expr"]) for rule in RULES]


def wrong(query: str, known: Known) -> list[str]:
    """What a query asks for that does not exist: a name, a label, a bracket."""
    bare = re.sub(r'"[^"]*"', '""', query)
    found = [f"bracket {one}" for one in ("()", "{}", "[]") if bare.count(one[0]) != bare.count(one[1])]
    names = {name for name in re.findall(r"\b([a-z]\w*)\b(?=\s*(?:\{|\[|\)|[-+*/<>=]|$| ))", bare) if name in known}
    for name, matchers in re.findall(r"([a-z]\w*)\{([^}]*)\}", bare):
        labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))
        found += [f"label {each} of {name}" for each in labels - known.get(name, set())]
    grouped = {label.strip() for part in re.findall(r"\b(?:by|on)\s*\(([^)]*)\)", bare) for label in part.split(",")}
    found += [f"label {each}" for each in grouped if not any(each in known[name] for name in names)]
    rest = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\b(?:by|on)\s*\([^)]*\)", " ", bare)
    used = set(re.findall(r"[A-Za-z_]\w*", rest))
    return found + [f"name {each}" for each in sorted(used - WORDS - set(known))] + ([] if names else ["no figure"])


async def test_every_query_asks_for_what_is_there(known: Known) -> None:
    assert len(queries()) > 60
    assert {title: found for title, query in queries() if (found := wrong(query, known))} == {}


async def test_a_query_for_what_is_not_there_is_found(known: Known) -> None:
    assert wrong("max(sebaya_nothing)", known) == ["name sebaya_nothing", "no figure"]
    assert wrong('max(sebaya_outbox_pending{tribe="x"})', known) == ["label tribe of sebaya_outbox_pending"]
    assert wrong("sum by (tribe) (sebaya_cases)", known) == ["label tribe"]
    assert wrong("max(sebaya_cases", known) == ["bracket ()"]


async def test_no_figure_has_a_label_for_people_or_things(known: Known) -> None:
    allowed = {
        "class", "channel", "state", "kind", "role", "loop", "outcome", "error", "reason", "what", "result", "stage",
        "lease", "version", "python", "store", "le", "generation", *SCRAPED,
    }  # fmt: skip
    assert {label for labels in known.values() for label in labels} <= allowed


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    assert {"title", "uid", "schemaVersion", "panels", "templating", "time", "refresh"} <= set(DASHBOARD)
    assert [each["name"] for each in DASHBOARD["templating"]["list"]] == ["datasource"]
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
    for panel in panels():
        assert panel["description"]
        assert panel["datasource"]["uid"] == "${datasource}"
        assert panel["fieldConfig"]["defaults"]["unit"]
        references = [target["refId"] for target in panel["targets"]]
        assert len(references) == len(set(references))


def test_every_alert_says_what_to_do_and_where_to_read_on() -> None:
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.removeprefix("## ").lower()).replace(" ", "-")
        for line in (ROOT / "docs" / "at-night.md").read_text().splitlines()
        if line.startswith("## ")
    }
    names = [rule["alert"] for rule in RULES]
    assert len(names) == len(set(names))
    assert {rule["labels"]["severity"] for rule in RULES} == {"page", "day"}
    linked = set()
    for rule in RULES:
        said = rule["annotations"]
        assert said["summary"], rule["alert"]
        assert len(said["description"].split()) >= 8, rule["alert"]
        page, _, heading = said["runbook_url"].partition("#")
        assert (page, heading in headings) == ("docs/at-night.md", True), rule["alert"]
        linked.add(heading)
        assert re.fullmatch(r"\d+[smhd]", rule.get("for", "1m"))
    assert linked == headings, "every heading is some alert's"


@pytest.mark.parametrize(
    "alert",
    ["PageUnacknowledged", "CrisisStuck", "OutboxOld", "DutyGap", "DiskLow", "SetAside", "PlatformDown", "WorkerDown",
     "Down", "NumbersExpired"],
)  # fmt: skip
def test_what_matters_at_night_wakes_somebody(alert: str) -> None:
    [rule] = [rule for rule in RULES if rule["alert"] == f"Sebaya{alert}"]
    assert rule["labels"]["severity"] == "page"
