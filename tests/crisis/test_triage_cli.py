"""`sebaya triage`: check, eval and scan, with their exit statuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.calibration import expected_error, reliability, reweighed
from cli.triage import app, wilson

run = CliRunner()


def test_check_explains() -> None:
    done = run.invoke(app, ["check", "udah beli obatnya, malam ini"])
    assert done.exit_code == 0
    assert "imminent" in done.stdout
    assert "beli obatnya" in done.stdout


def test_eval_prints_the_figures(tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    rows = [
        {"text": "gue mau bunuh diri", "lang": "id", "label": "high", "category": "suicide", "kind": "direct"},
        {"text": "aku lompat sekarang", "lang": "id", "label": "imminent", "category": "suicide", "kind": "direct"},
        {"text": "zzz", "lang": "id", "label": "high", "category": "suicide", "kind": "indirect"},
        {"text": "mati lampu", "lang": "id", "label": "none", "category": "none", "kind": "everyday"},
    ]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    done = run.invoke(app, ["eval", str(file), "--json"])
    assert done.exit_code == 0
    figures = json.loads(done.stdout)
    assert figures["n"] == 4
    assert figures["recall_high"] == 2 / 3
    assert figures["recall_imminent"] == 1.0
    assert figures["precision"] == 1.0
    assert figures["flags_per_1000"] == 0
    assert figures["by_kind"]["indirect"] == {"n": 1, "positives": 1, "found": 0, "false_flags": 0}
    assert figures["us_per_message"] > 0
    assert run.invoke(app, ["eval", str(file)]).exit_code == 0


def test_scan_answers_every_line(tmp_path: Path) -> None:
    file = tmp_path / "messages.txt"
    file.write_bytes(b"gue mau bunuh diri\r\n\nhalo\n" + b"\xff\xfe rusak")
    done = run.invoke(app, ["scan", str(file)])
    assert done.exit_code == 0
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["level"] for answer in answers] == ["high", "none", "none", "none"]
    assert answers[0]["words"] == "gue mau bunuh diri"
    assert answers[0]["category"] == "suicide"
    assert "kill-self-said" in answers[0]["rules"]


def test_scan_reads_stdin_and_conversations() -> None:
    told = [
        {"turns": ["halo", "aku pengen", "mati"]},
        {"turns": [{"from": "supporter", "text": "kamu mau bunuh diri?"}, {"from": "student", "text": "ga kok"}]},
    ]
    done = run.invoke(app, ["scan", "-", "--conversations"], input="\n".join(map(json.dumps, told)) + "\n")
    assert done.exit_code == 0
    assert [json.loads(line)["levels"] for line in done.stdout.splitlines()] == [
        ["none", "none", "high"], ["none", "none"],
    ]  # fmt: skip


def test_what_cannot_be_used_is_said_in_one_sentence(tmp_path: Path) -> None:
    missing = run.invoke(app, ["eval", str(tmp_path / "none.jsonl")])
    assert missing.exit_code == 2
    assert missing.stderr.count("\n") == 1
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"text": "a", "label": "none"}\nnot json\n', encoding="utf-8")
    failed = run.invoke(app, ["eval", str(broken)])
    assert failed.exit_code == 1
    assert "line 2" in failed.stderr
    turned = run.invoke(app, ["scan", str(broken), "--conversations"])
    assert turned.exit_code == 1
    empty = tmp_path / "empty.jsonl"
    empty.write_text("", encoding="utf-8")
    assert run.invoke(app, ["eval", str(empty)]).exit_code == 1


def test_the_interval_holds_the_share() -> None:
    low, high = wilson(95, 100)
    assert 0.88 < low < 0.95 < high < 0.99
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_turn_may_say_when(tmp_path: Path) -> None:
    days = [{"text": "ngerasa jadi beban", "at": 0}, {"text": "halo", "at": 60 * 24 * 30}]
    file = tmp_path / "days.jsonl"
    file.write_text(json.dumps({"turns": days}), encoding="utf-8")
    done = run.invoke(app, ["scan", str(file), "--conversations"])
    assert json.loads(done.stdout)["levels"] == ["distress", "none"]


def test_calibration_says_what_a_score_is_worth(tmp_path: Path) -> None:
    rows = [{"text": "aku mau bunuh diri malam ini", "label": "imminent"}, {"text": "makan bakso yuk", "label": "none"}]
    file, plot = tmp_path / "lines.jsonl", tmp_path / "plot.svg"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    done = run.invoke(app, ["calibration", str(file), "--plot", str(plot)])
    assert done.exit_code == 0
    assert "2 lines, 50% of them grave" in done.stdout
    assert plot.read_text(encoding="utf-8").count("<circle") == 2
    (tmp_path / "id").mkdir()
    (tmp_path / "id" / "crisis.toml").write_text('language = "id"', encoding="utf-8")
    alone = run.invoke(app, ["calibration", str(file), "--locales", str(tmp_path)])
    assert alone.exit_code == 1
    assert "no recall net" in alone.stderr


def test_calibration_counts_by_score() -> None:
    bins = reliability([(0.05, False), (0.07, True), (0.95, True), (1.0, True)])
    assert [(one.count, one.grave) for one in bins] == [(2, 0.5), (2, 1.0)]
    assert expected_error(bins) == pytest.approx((2 * 0.44 + 2 * 0.025) / 4)
    assert reweighed(bins[0], 0.5, 0.01) == pytest.approx(0.01)
    assert 0.01 < reweighed(bins[1], 0.5, 0.01) < 0.1
    assert expected_error([]) == 0.0
