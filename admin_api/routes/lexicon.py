"""The crisis lexicon. Counselors and coordinators propose, try, publish and bring back; only a coordinator may force
what silences imminent texts. Everybody else may look.
"""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from admin_api.auth import COORDINATOR, COUNSELOR, PREFIX, READER, GuardedRoute, may
from admin_api.dependencies import Calling, Serving, Signed, Zone, made, read, tag, write
from admin_api.problems import Problem
from admin_api.routes.answers import problems
from admin_api.routes.show import level_word, moment, moment_or_none
from admin_api.schemas import lexicon as shown
from admin_api.schemas.base import Listed, listed
from admin_api.service import Service
from bot.lexicon import drafts, entries, examples, marks, trial, versions
from bot.lists import sliced
from bot.rules.documents import RulesError
from bot.times import from_aware

router = APIRouter(prefix=f"{PREFIX}/lexicon", tags=["lexicon"], route_class=GuardedRoute)
EDITORS = (COORDINATOR, COUNSELOR)
EVERYBODY = (COORDINATOR, COUNSELOR, READER)
MARKED_DAYS = 90 * 24 * 3_600_000


def _version(one: versions.Version, serving: Service, zone: ZoneInfo) -> shown.Version:
    return shown.Version(
        number=one.number, hash=one.hash, fingerprint=one.fingerprint, proposal=one.draft, restores=one.restores,
        reason=one.reason, forced=one.forced, proposed_by=one.proposed_by, published_by=one.published_by,
        published_at=moment(one.published_at, zone), in_force=one.number == serving.lexicon.number,
    )  # fmt: skip


def _draft(one: drafts.Draft, zone: ZoneInfo) -> shown.Proposal:
    return shown.Proposal(
        id=one.id, state=one.state, base=one.base, changes=list(one.changes), reason=one.reason,
        proposed_by=one.proposed_by, proposed_at=moment(one.proposed_at, zone), decided_by=one.decided_by,
        decided_at=moment_or_none(one.decided_at, zone),
    )  # fmt: skip


def _fields(entry: entries.Entry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in shown.Entry.model_fields}


def _example(one: examples.Example, zone: ZoneInfo) -> shown.Example:
    return shown.Example(
        id=one.id, text=one.text, language=one.language, label=one.label, category=one.category,  # type: ignore[arg-type]  # as stored
        added_by=one.added_by, added_at=moment(one.added_at, zone),
    )  # fmt: skip


@router.get("", summary="List the lexicon", responses=problems(), **may(*EVERYBODY))
async def list_entries(serving: Serving, query: Annotated[shown.EntryQuery, Query()]) -> Listed[shown.Entry]:
    """Rules, word classes and fixed expressions in force here, by id; what is out of force is shown as disabled."""
    lexicon = serving.lexicon
    filters: dict[str, object] = query.model_dump(exclude={"limit", "cursor", "sort"})
    found = [entry for entry in entries.entries(lexicon.book.documents, lexicon.overlay)
             if entries.wanted(entry, filters)]  # fmt: skip
    page = sliced("lexicon", found, lambda entry: entry.id, query.ask())
    return listed(page, lambda entry: shown.Entry.model_validate(_fields(entry)))


@router.get("/entries/{id:path}", summary="Read an entry", responses=problems(404), **may(*EVERYBODY))
async def read_entry(serving: Serving, zone: Zone, id: str, response: Response) -> shown.EntryShown:
    """One rule, class or fixed expression with its examples, and since which version it stands so, by whom."""
    lexicon = serving.lexicon
    overlay, number = lexicon.overlay, lexicon.number
    entry = entries.one(lexicon.book.documents, overlay, id)
    try:
        since = await read(serving, lambda tx: entries.since(tx, overlay, number, id))
    except RulesError:  # an older version cannot be read: the entry itself can
        since = None
    one = shown.EntryShown.model_validate(
        {**_fields(entry), "version": None if since is None else _version(since, serving, zone)}
    )
    response.headers["ETag"] = f'"{number}"'
    return one


@router.post("/try", summary="Try a text", responses=problems(), **may(*EDITORS))
async def try_text(serving: Serving, wanted: shown.TryIt) -> shown.Tried:
    """What the rules in force make of a text, and why. It is kept nowhere."""
    found, why = serving.lexicon.explain(wanted.text)
    return shown.Tried(
        level=level_word(found.level), category=found.category.value, about=found.about.value,
        hits=[shown.Hit(rule=hit.rule, level=level_word(hit.level), category=hit.category.value, words=hit.words,
                        start=hit.start, end=hit.end) for hit in sorted(found.hits, key=lambda h: (-h.level, h.start))],
        modifiers=list(found.modifiers), read_as=why.read_as, net=list(why.net_reasons), fingerprint=found.version,
        version=serving.lexicon.number,
    )  # fmt: skip


@router.post("/dry-run", summary="Try changes", responses=problems(409), **may(*EDITORS))
async def dry_run(serving: Serving, wanted: shown.Wanted) -> shown.DryRun:
    """What would newly page, fall silent or change its level, over the project's labelled lines and the examples kept
    here; and the figures before and after. Takes a few seconds; nothing is changed."""
    return _trial(await serving.lexicon.dry_run(wanted.changes))


def _trial(found: trial.Trial) -> shown.DryRun:
    def figures(one: trial.Figures) -> shown.Figures:
        return shown.Figures.model_validate({name: getattr(one, name) for name in shown.Figures.model_fields})

    moved = [shown.Moved.model_validate({name: getattr(each, name) for name in shown.Moved.model_fields})
             for each in found.moved]  # fmt: skip
    return shown.DryRun(
        before=figures(found.before), after=figures(found.after), fires=found.fires,
        falls_silent=found.falls_silent, other_level=found.other_level, moved=moved,
        silenced=list(found.silenced), broken=list(found.broken),
    )  # fmt: skip


@router.post("/proposals", status_code=201, summary="Propose changes", responses=problems(409), **may(*EDITORS))
async def propose(
    serving: Serving, signed: Signed, zone: Zone, wanted: shown.NewProposal, response: Response
) -> shown.Proposal:
    """Checked like the shipped files and with their own examples; what could not be published cannot be proposed."""
    draft = await serving.lexicon.propose(signed, wanted.changes, wanted.reason)
    one = _draft(draft, zone)
    made(response, f"{PREFIX}/lexicon/proposals/{draft.id}", one)
    return one


@router.get("/proposals", summary="List proposals", responses=problems(), **may(*EVERYBODY))
async def list_proposals(
    serving: Serving, zone: Zone, query: Annotated[shown.ProposalQuery, Query()]
) -> Listed[shown.Proposal]:
    """Newest first."""
    found = await read(serving, lambda tx: drafts.listed(tx, query.ask()))
    return listed(found, lambda one: _draft(one, zone))


@router.get("/proposals/{id}", summary="Read a proposal", responses=problems(404), **may(*EVERYBODY))
async def read_proposal(serving: Serving, zone: Zone, id: str, response: Response) -> shown.Proposal:
    """One proposal with its changes."""
    one = _draft(await read(serving, lambda tx: drafts.read(tx, id)), zone)
    tag(response, one)
    return one


@router.post("/proposals/{id}/dry-run", summary="Try a proposal", responses=problems(404, 409), **may(*EDITORS))
async def dry_run_proposal(serving: Serving, id: str) -> shown.DryRun:
    """What it would change of the rules in force now."""
    draft = await read(serving, lambda tx: drafts.read(tx, id))
    return _trial(await serving.lexicon.dry_run(draft.changes))


@router.post("/proposals/{id}/withdraw", summary="Withdraw a proposal", responses=problems(404, 409), **may(*EDITORS))
async def withdraw(serving: Serving, signed: Signed, zone: Zone, id: str) -> shown.Proposal:
    """It is not to be published any more."""
    return _draft(await serving.lexicon.withdraw(signed, id), zone)


@router.post("/proposals/{id}/publish", summary="Publish a proposal", responses=problems(404, 409), **may(*EDITORS))
async def publish(
    serving: Serving, signed: Signed, calling: Calling, zone: Zone, id: str, wanted: shown.Publication | None = None
) -> shown.Version:
    """In force in every process within seconds. Refused where an imminent text would page nobody any more; a
    coordinator may force that, with a reason."""
    how = wanted or shown.Publication()
    if how.force and calling.role != COORDINATOR:
        raise Problem(403, "Only a coordinator may publish what silences imminent texts.")
    version = await serving.lexicon.publish(signed, id, reason=how.reason, force=how.force)
    return _version(version, serving, zone)


@router.get("/versions", summary="List versions", responses=problems(), **may(*EVERYBODY))
async def list_versions(
    serving: Serving, zone: Zone, query: Annotated[shown.VersionQuery, Query()]
) -> Listed[shown.Version]:
    """What was published, newest first."""
    found = await read(serving, lambda tx: versions.listed(tx, query.ask()))
    return listed(found, lambda one: _version(one, serving, zone))


@router.get("/versions/{number}", summary="Read a version", responses=problems(404), **may(*EVERYBODY))
async def read_version(serving: Serving, zone: Zone, number: int, response: Response) -> shown.Version:
    """Who published what, when and why."""
    one = _version(await read(serving, lambda tx: versions.read(tx, number)), serving, zone)
    tag(response, one)
    return one


@router.post(
    "/versions/{number}/restore", summary="Bring a version back", responses=problems(404, 409), **may(*EDITORS)
)
async def restore(serving: Serving, signed: Signed, zone: Zone, number: int, wanted: shown.Rollback) -> shown.Version:
    """As a new version, in force in every process within seconds; 0 brings the lexicon back as shipped."""
    return _version(await serving.lexicon.rollback(signed, number, wanted.reason), serving, zone)


@router.get("/marks", summary="Count marks", responses=problems(), **may(*EVERYBODY))
async def count_marks(serving: Serving, query: Annotated[shown.MarksQuery, Query()]) -> shown.Marks:
    """How often pages were right, by rule and by category."""
    until = from_aware(query.until) if query.until else serving.clock() + 1
    since = from_aware(query.since) if query.since else until - MARKED_DAYS
    found = await read(serving, lambda tx: marks.report(tx, since, until))

    def counts(each: tuple[marks.Count, ...]) -> list[shown.Count]:
        return [shown.Count(name=c.name, right=c.right, wrong=c.wrong, precision=c.precision) for c in each]

    return shown.Marks(marks=found.marks, by_rule=counts(found.by_rule), by_category=counts(found.by_category))


@router.get("/examples", summary="List examples", responses=problems(), **may(COUNSELOR))
async def list_examples(
    serving: Serving, signed: Signed, zone: Zone, query: Annotated[shown.ExampleQuery, Query()]
) -> Listed[shown.Example]:
    """Texts kept for dry runs. Reading them is written to the audit."""
    found = await write(serving, lambda tx: examples.listed(tx, signed, query.ask()))
    return listed(found, lambda one: _example(one, zone))


@router.post("/examples", status_code=201, summary="Keep an example", responses=problems(409), **may(COUNSELOR))
async def add_example(serving: Serving, signed: Signed, zone: Zone, wanted: shown.NewExample) -> shown.Example:
    """Kept for dry runs, tied to nobody. A text with a number, a link, an address or an @name is refused."""
    kept = await write(
        serving,
        lambda tx: examples.add(tx, signed, wanted.text, wanted.language, wanted.label, wanted.category),
    )
    return _example(kept, zone)


@router.delete(
    "/examples/{id}", status_code=204, summary="Delete an example", responses=problems(404), **may(COUNSELOR)
)
async def delete_example(serving: Serving, signed: Signed, id: str) -> None:
    """It is gone."""
    await write(serving, lambda tx: examples.delete(tx, signed, id))
