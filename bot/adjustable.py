"""What a coordinator may adjust while the service runs. A value in the store stands before the environment's; taking
it back lets the environment's count again. What concerns safety has bounds that no token can pass.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from bot import audit
from bot.acting import Acting
from bot.refusals import Invalid, Missing, check_version
from bot.store.db import Row, Tx
from flows.facts import SECOND, Policy

Value = int | bool


@dataclass(frozen=True, slots=True)
class Knob:
    """One adjustable setting. `field` is the policy's; figures are counted in `unit` and lie between the bounds."""

    key: str
    field: str
    unit: str
    description: str
    least: int = 0
    most: int = 1

    @property
    def boolean(self) -> bool:
        return self.unit == "yes or no"

    def inside(self, value: Value) -> Value:
        """As the policy counts it: times in ms."""
        return int(value) * SECOND if self.unit == "seconds" else value

    def outside(self, value: Value) -> Value:
        """The policy's value as people count it."""
        return int(value) // SECOND if self.unit == "seconds" else value


KNOBS: Mapping[str, Knob] = MappingProxyType(
    {
        knob.key: knob
        for knob in (
            Knob(
                "escalation_ack_seconds", "ack", "seconds",
                "How long one counselor is paged before the next. The student is told the truth after twice this time, "
                "and never later than 120 seconds.",
                10, 120,
            ),
            Knob(
                "case_action_seconds", "case_action", "seconds",
                "How long whoever acknowledged a case may take until they act; one reminder, then the ladder starts "
                "again.",
                60, 3600,
            ),
            Knob("offer_seconds", "offer", "seconds", "How long an offer stays open.", 10, 600),
            Knob("offer_breadth", "breadth", "people", "To how many supporters a request is offered at once.", 1, 20),
            Knob(
                "silence_warn_seconds", "silence_warn", "seconds",
                "After how long a supporter who has not answered is reminded.",
                30, 3600,
            ),
            Knob(
                "silence_move_seconds", "silence_move", "seconds",
                "After how long the student is told and offered to somebody else; longer than the reminder.",
                60, 7200,
            ),
            Knob(
                "minors_meet_peers", "minors_meet_peers", "yes or no",
                "Whether under-18s may be matched with peers: only where guardians consented at enrolment.",
            ),
            Knob(
                "counselor_accepts_peer", "counselor_accepts_peer", "yes or no",
                "Whether counselors on duty are offered peer requests too.",
            ),
            Knob(
                "ask_place", "ask_place", "yes or no",
                "Whether somebody in imminent danger is asked where they are. Only where the site can send help there.",
            ),
        )
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as it stands. `changed` is false where the environment's value, or the default, counts; `version` is
    then 0 and `updated_at` None."""

    knob: Knob
    value: Value
    changed: bool
    updated_at: int | None
    version: int


_ALL = "SELECT key, value, updated_at, version FROM settings ORDER BY key"
_ADD = "INSERT INTO settings (key, value, updated_at, version) VALUES (:key, :value, :now, :version)"
_CHANGE = "UPDATE settings SET value = :value, updated_at = :now, version = :version WHERE key = :key"


def policy(tx: Tx, base: Policy) -> Policy:
    """The policy that counts now: `base` is the environment's."""
    changed = {one.knob.field: one.knob.inside(one.value) for one in everything(tx, base).values() if one.changed}
    return replace(base, **changed)  # type: ignore[arg-type]  # a knob's field and kind of value belong together


def everything(tx: Tx, base: Policy) -> dict[str, Setting]:
    """Every adjustable setting by its key."""
    rows = {row[0]: row for row in tx.all(_ALL)}
    return {key: _setting(knob, rows.get(key), base) for key, knob in KNOBS.items()}


def read(tx: Tx, base: Policy, key: str) -> Setting:
    """Raises Missing."""
    found = everything(tx, base).get(key)
    if found is None:
        raise Missing("There is no such adjustable setting.")
    return found


def change(
    tx: Tx, acting: Acting, base: Policy, key: str, versions: Collection[int] | None, value: Value | None
) -> Setting:
    """Adjust a setting, or let the environment's value count again (`value` None). Raises Missing, Stale, Invalid."""
    found = read(tx, base, key)
    check_version(found.version, versions)
    if value is not None:
        _check(tx, base, found.knob, value)
    written = {"key": key, "value": json.dumps(value), "now": acting.now, "version": found.version + 1}
    tx.run(_CHANGE if found.updated_at is not None else _ADD, **written)
    audit.record(
        tx, actor=acting.actor, action="setting.change", object=f"setting:{key}", detail={"value": json.dumps(value)},
        now=acting.now,
    )  # fmt: skip
    tx.after(acting.wake)
    return read(tx, base, key)


def _setting(knob: Knob, row: Row | None, base: Policy) -> Setting:
    own = knob.outside(getattr(base, knob.field))
    if row is None:
        return Setting(knob, own, False, None, 0)
    _key, written, updated_at, version = row
    value = json.loads(str(written))
    return Setting(knob, own if value is None else value, value is not None, updated_at, version)


def _check(tx: Tx, base: Policy, knob: Knob, value: Value) -> None:
    if isinstance(value, bool) is not knob.boolean:
        raise Invalid.one("value", "must be true or false" if knob.boolean else "must be a whole number")
    if not knob.boolean and not knob.least <= value <= knob.most:
        raise Invalid.one("value", f"must lie between {knob.least} and {knob.most} {knob.unit}")
    standing = {key: one.value for key, one in everything(tx, base).items()} | {knob.key: value}
    if standing["silence_move_seconds"] <= standing["silence_warn_seconds"]:
        raise Invalid.one("value", "silence_move_seconds must be longer than silence_warn_seconds")
