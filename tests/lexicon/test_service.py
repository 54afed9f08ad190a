"""Proposing, trying, publishing and bringing back; and what happens to a version that cannot be used."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from bot import audit, audit_list
from bot.lexicon import drafts, examples, trial, versions
from bot.lexicon.service import Candidate, Lexicon
from bot.lists import Ask
from bot.refusals import Conflict, Invalid, Missing
from bot.rules.automaton import Automaton
from bot.rules.overlay import SHIPPED, Overlay
from bot.store.db import Store, Tx
from flows.crisis.screen import screen
from tests.lexicon.small import FLY, NO_ROPE, acting, book, changes

TEXT = "aku terbang ke bintang"


async def published(lexicon: Lexicon, *given: dict[str, Any], **more: Any) -> versions.Version:
    draft = await lexicon.propose(acting(), changes(*given), "a new word of the city")
    return await lexicon.publish(acting("token:budi"), draft.id, **more)


async def actions(store: Store) -> list[str]:
    found = await store.read(lambda tx: audit_list.listed(tx, Ask(limit=50, sort="id")))
    assert (await store.read(audit.verify)).broken is None
    return [row.action for row in found.items]


async def test_a_proposal_is_published_and_in_force(store: Store, lexicon: Lexicon) -> None:
    heard: list[Automaton] = []
    lexicon.changed = heard.append
    told: list[int] = []
    lexicon.tell = lambda: told.append(1)
    draft = await lexicon.propose(acting(), changes(FLY), "a new word")
    assert (draft.state, draft.base, draft.proposed_by) == ("open", 0, "token:sari")
    assert not screen(TEXT, lexicon.matcher).crisis, "a proposal changes nothing"
    version = await lexicon.publish(acting("token:budi"), draft.id)
    assert (version.number, version.draft, version.forced) == (1, draft.id, False)
    assert (version.proposed_by, version.published_by, version.reason) == ("token:sari", "token:budi", "a new word")
    assert heard == [lexicon.matcher] and told == [1]
    found = screen(TEXT, lexicon.matcher)
    assert found.crisis and found.version == version.fingerprint
    kept = await store.read(lambda tx: drafts.read(tx, draft.id))
    assert (kept.state, kept.decided_by) == ("published", "token:budi")
    assert await actions(store) == ["lexicon.propose", "lexicon.publish"]
    with pytest.raises(Conflict, match="published before"):
        await lexicon.publish(acting(), draft.id)


async def test_an_earlier_version_comes_back_in_one_call(store: Store, lexicon: Lexicon) -> None:
    await published(lexicon, FLY)
    second = await published(lexicon, {"do": "restore", "entry": "rule:fly"})
    assert second.hash == SHIPPED.hash and not screen(TEXT, lexicon.matcher).crisis
    third = await lexicon.rollback(acting(), 1, "the word was good")
    assert (third.number, third.restores) == (3, 1) and screen(TEXT, lexicon.matcher).crisis
    fourth = await lexicon.rollback(acting(), 0, "as shipped")
    assert (fourth.number, fourth.restores) == (4, 0) and lexicon.matcher is lexicon.book.shipped
    with pytest.raises(Missing):
        await lexicon.rollback(acting(), 9, "x")
    with pytest.raises(Conflict, match="newest"):
        await lexicon.rollback(acting(), 4, "x")
    listed = await store.read(lambda tx: versions.listed(tx, Ask(limit=3)))
    assert [one.number for one in listed.items] == [4, 3, 2] and listed.next_cursor
    assert (await actions(store))[-2:] == ["lexicon.rollback", "lexicon.rollback"]


async def test_other_processes_find_it_by_their_sweep_and_compile_it_off_the_loop(
    store: Store, lexicon: Lexicon
) -> None:
    other = Lexicon(store, book())
    threads: list[int] = []
    compiling = other.book.edited

    def watched(overlay: Overlay) -> Automaton:
        threads.append(threading.get_ident())
        return compiling(overlay)

    other.book.edited = watched  # type: ignore[method-assign]  # to see from which thread it is called
    heard = asyncio.Event()
    other.changed = lambda matcher: heard.set()
    running = asyncio.create_task(other.run())
    await published(lexicon, FLY)
    other.wake()
    async with asyncio.timeout(20):
        await heard.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert screen(TEXT, other.matcher).crisis and other.number == 1
    assert threads and threading.get_ident() not in threads


async def test_silencing_an_imminent_text_needs_force_and_a_reason(store: Store, lexicon: Lexicon) -> None:
    draft = await lexicon.propose(acting(), changes(NO_ROPE), "it fires too often")
    with pytest.raises(Conflict, match="would page nobody any more"):
        await lexicon.publish(acting(), draft.id)
    with pytest.raises(Invalid, match="reason"):
        await lexicon.publish(acting(), draft.id, force=True, reason=" ")
    assert screen("tali sudah siap di kamar", lexicon.matcher).crisis
    version = await lexicon.publish(acting(), draft.id, force=True, reason="agreed with the unit")
    assert version.forced and version.reason == "agreed with the unit"
    entries = await store.read(lambda tx: audit_list.listed(tx, Ask(filters={"action": "lexicon.publish"})))
    assert entries.items[0].detail["forced"] is True and entries.items[0].detail["silenced"] >= 1


async def test_what_would_page_for_everything_needs_force_too(store: Store, lexicon: Lexicon) -> None:
    loud = {"do": "words", "language": "id", "name": "wish", "add": ["aku", "kamu", "kak", "hari", "makan", "tugas"],
            "matches": ["aku mati"], "does_not_match": ["halo"]}  # fmt: skip
    all_of_it = {**FLY, "rule": {**FLY["rule"], "id": "loud", "when": ["<wish>"], "matches": ["aku"],
                                 "does_not_match": ["halo"]}}  # fmt: skip
    draft = await lexicon.propose(acting(), changes(loud, all_of_it), "a slip of the pen")
    with pytest.raises(Conflict, match="more of 1,000 everyday sentences"):
        await lexicon.publish(acting(), draft.id)
    assert (await lexicon.publish(acting(), draft.id, force=True, reason="sure")).forced


async def test_no_example_of_a_rule_names_an_account(store: Store, lexicon: Lexicon) -> None:
    for text in ("tanya @sari_99", "telpon 0812 3456 789", "lihat https://a.example/b", "a.b@kampus.ac.id"):
        named = {**FLY, "rule": {**FLY["rule"], "matches": [f"terbang ke bintang {text}"]}}
        with pytest.raises(Invalid, match=r"changes\.0: an example holds"):
            await lexicon.propose(acting(), changes(named), "x")
    fine = {**FLY, "rule": {**FLY["rule"], "matches": ["t3rbang, terbang ke bintang jam 11"]}}
    assert (await lexicon.propose(acting(), changes(fine), "x")).state == "open"


async def test_two_who_publish_at_once_do_not_overwrite_each_other(store: Store, lexicon: Lexicon) -> None:
    other = Lexicon(store, book())
    one = await lexicon.propose(acting(), changes(FLY), "one")
    two = await other.propose(acting(), changes({"do": "disable", "entry": "idiom:lamp"}), "two")
    done = await asyncio.gather(
        lexicon.publish(acting(), one.id), other.publish(acting(), two.id), return_exceptions=True
    )
    wins = [each for each in done if isinstance(each, versions.Version)]
    assert wins
    for each in done:
        assert isinstance(each, versions.Version | Conflict)
    if len(wins) == 1:  # the other one looked before: it tries again on what is there now
        again = two.id if isinstance(done[1], Conflict) else one.id
        await lexicon.publish(acting(), again)
    await lexicon.refresh()
    assert lexicon.number == 2
    assert "fly" in lexicon.overlay.rules and lexicon.overlay.disabled == ["idiom:lamp"]


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({**FLY, "rule": {**FLY["rule"], "matches": ["aku naik kereta"]}}, "changes.0", "does not fire it"),
        ({**FLY, "rule": {**FLY["rule"], "does_not_match": ["terbang ke bintang"]}}, "changes.0", "fires it"),
        ({**FLY, "rule": {**FLY["rule"], "when": ["<nowhere> bintang"]}}, "changes.0", "no class 'nowhere'"),
        ({"do": "restore", "entry": "rule:die"}, "changes.0", "nothing of it is edited"),
        ({"do": "words", "language": "id", "name": "wish", "add": ["kepingin"], "matches": ["halo"],
          "does_not_match": ["apa"]}, "changes.0", "pages nobody"),
    ],
)  # fmt: skip
async def test_what_cannot_be_published_cannot_be_proposed(
    store: Store, lexicon: Lexicon, change: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await lexicon.propose(acting(), changes(change), "x")
    assert refused.value.errors[0].field == field and said in refused.value.errors[0].message
    assert not (await store.read(lambda tx: drafts.listed(tx, Ask()))).items


async def test_a_dry_run_says_what_would_move(store: Store, lexicon: Lexicon) -> None:
    await store.write(lambda tx: examples.add(tx, acting(), TEXT, "id", "high", "suicide"))
    found = await lexicon.dry_run(changes(FLY, NO_ROPE))
    marked = [each for each in found.moved if each.origin == "marked"]
    assert [(each.text, each.before, each.after, each.rules_after) for each in marked] == [
        (TEXT, "none", "high", ("fly",))
    ]
    assert found.fires >= 1 and found.falls_silent >= 1
    assert "tali sudah siap di kamar" in found.silenced
    assert found.before.lines == found.after.lines > 2000
    assert found.before.us_per_message > 0 and found.after.us_per_message > 0
    assert found.moved[0].after < found.moved[0].before or found.moved[0].after == "none", "losses stand first"
    assert len(found.moved) <= trial.SHOWN
    assert lexicon.matcher is lexicon.book.shipped
    assert await store.read(versions.newest) == 0


def _spoil(tx: Tx, text: str, digest: str | None = None) -> None:
    import hashlib

    tx.run(
        "INSERT INTO lexicon_versions (number, overlay, hash, fingerprint, reason, proposed_by, published_by, "
        "published_at) VALUES ((SELECT COALESCE(max(number), 0) + 1 FROM lexicon_versions), :text, :hash, 'x', 'x', "
        "'x', 'x', 1)",
        text=text, hash=digest or hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        ('{"rules": 3}', None),
        ("not json", None),
        (SHIPPED.canonical(), "another hash"),
        (SHIPPED.canonical().replace('"disabled":[]', '"disabled":["rule:gone"]'), None),
    ],
)
async def test_a_version_that_cannot_be_used_leaves_the_one_before_in_force(
    store: Store, lexicon: Lexicon, text: str, digest: str | None
) -> None:
    await published(lexicon, FLY)
    before = lexicon.matcher
    await store.write(lambda tx: _spoil(tx, text, digest))
    assert await lexicon.refresh() is False
    assert lexicon.matcher is before and lexicon.number == 1
    assert "version 2" in lexicon.trouble and "version 1 is in force" in lexicon.trouble
    late = Lexicon(store, book())  # a process that starts now
    await late.refresh()
    assert late.matcher is late.book.shipped and "version 0 is in force" in late.trouble
    await lexicon.rollback(acting(), 1, "mend it")
    assert lexicon.trouble == "" and screen(TEXT, lexicon.matcher).crisis
    await late.refresh()
    assert late.trouble == "" and late.number == 3


async def test_a_withdrawn_proposal_is_over(store: Store, lexicon: Lexicon) -> None:
    draft = await lexicon.propose(acting(), changes(FLY), "x")
    assert (await lexicon.withdraw(acting(), draft.id)).state == "withdrawn"
    with pytest.raises(Conflict, match="withdrawn before"):
        await lexicon.publish(acting(), draft.id)
    with pytest.raises(Missing):
        await lexicon.withdraw(acting(), "nothing")


async def test_only_a_few_compute_at_once(store: Store, lexicon: Lexicon) -> None:
    done = await asyncio.gather(*(lexicon.candidate(changes(FLY)) for _ in range(9)), return_exceptions=True)
    refused = [each for each in done if isinstance(each, Conflict)]
    assert refused and "try again" in str(refused[0])
    assert any(isinstance(each, Candidate) for each in done)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("wa aku di 0812-3456-7890 ya", "wa aku di [number] ya"),
        ("liat https://a.example/x?y dan www.b.example/c", "liat [link] dan [link]"),
        ("mail budi.s@kampus.ac.id", "mail [e-mail]"),
        ("kata @sari_99 aku", "kata [name] aku"),
        ("umur 17 kelas 3", "umur ## kelas #"),
        ("situs kampus.ac.id/x", "situs [link]"),
        ("tanpa\n apa  apa", "tanpa apa apa"),
    ],
)
def test_scrubbed_texts_tell_nobodys_account(text: str, kept: str) -> None:
    assert examples.scrub(text) == kept
    assert examples.scrub(kept) == kept, "what was suggested is accepted"


async def test_examples_are_sealed_and_identities_refused(store: Store) -> None:
    with pytest.raises(Invalid, match="text"):
        await store.write(lambda tx: examples.add(tx, acting(), "telpon 081234567", "id", "high", "suicide"))
    made = await store.write(lambda tx: examples.add(tx, acting(), "gelap sekali", "id", "high", "suicide"))
    raw = await store.read(lambda tx: tx.value("SELECT body FROM lexicon_examples"))
    assert b"gelap" not in bytes(raw)
    assert [line.text for line in await store.read(examples.lines)] == ["gelap sekali"]
    page = await store.write(lambda tx: examples.listed(tx, acting(), Ask()))
    assert [one.id for one in page.items] == [made.id]
    await store.write(lambda tx: examples.delete(tx, acting(), made.id))
    assert not await store.read(examples.lines)
