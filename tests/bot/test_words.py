"""Catalogues: what is said, what is said when something is missing, and that nothing is missing."""

from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from bot.words import (
    LABEL_UNITS,
    LAST_WORDS,
    LOCALES,
    Words,
    WordsError,
    check_catalogues,
    read_catalogue,
    units,
)
from tests.bot.spoken_keys import keys_in, spoken_keys
from tests.house.files import ROOT

PLURALS = {"id": "nplurals=1; plural=0;", "en": "nplurals=2; plural=(n != 1);"}


def catalogue(folder: Path, language: str, entries: str) -> Path:
    (folder / language).mkdir(exist_ok=True)
    header = (
        f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: {PLURALS[language]}\\n"\n\n'
    )
    (folder / language / "bot.po").write_text(header + entries, encoding="utf-8")
    return folder


def entry(key: str, text: str) -> str:
    return f'msgid "{key}"\nmsgstr "{text}"\n\n'


WAIT_ID = 'msgid "wait"\nmsgid_plural "wait"\nmsgstr[0] "{n} menit lagi"\n\n'
WAIT_EN = 'msgid "wait"\nmsgid_plural "wait"\nmsgstr[0] "one minute"\nmsgstr[1] "{n} minutes"\n\n'


@pytest.fixture
def two(tmp_path: Path) -> Path:
    catalogue(
        tmp_path,
        "id",
        entry("hello", "Hai {name}")
        + entry("only.id", "Cuma di sini")
        + entry("topic.family", "keluarga")
        + entry("about", "tentang {topic}")
        + entry("checked", "dicek {day:date}, jam {at:time}, {at:moment}")
        + entry("generic.fallback", "Maaf, ulangi ya.")
        + WAIT_ID,
    )
    return catalogue(
        tmp_path,
        "en",
        entry("hello", "Hi {name}")
        + entry("topic.family", "family")
        + entry("about", "about {topic}")
        + entry("checked", "checked {day:date}, at {at:time}, {at:moment}")
        + entry("generic.fallback", "Sorry, once more please.")
        + WAIT_EN,
    )


def test_a_key_speaks_in_the_persons_language(two: Path) -> None:
    words = Words(two, strict=True)
    assert words.text("id", "hello", {"name": "Awan"}) == "Hai Awan"
    assert words.text("en", "hello", {"name": "Awan"}) == "Hi Awan"
    assert words.languages == ("id", "en")


@pytest.mark.parametrize(
    ("tag", "spoken"),
    [("en-GB", "en"), ("EN_us", "en"), ("in", "id"), ("id-ID", "id"), ("fr", "id"), ("", "id")],
)
def test_a_platforms_language_tag_finds_the_nearest_language(two: Path, tag: str, spoken: str) -> None:
    assert Words(two).language(tag) == spoken


def test_an_unknown_language_is_answered_in_the_default_one(two: Path) -> None:
    assert Words(two, strict=True).text("zz", "hello", {"name": "A"}) == "Hai A"


def test_plural_forms_follow_the_language(two: Path) -> None:
    words = Words(two, strict=True)
    assert [words.text("en", "wait", {"n": n}) for n in (1, 2, 0)] == ["one minute", "2 minutes", "0 minutes"]
    assert [words.plural("id", "wait", n) for n in (1, 2)] == ["1 menit lagi", "2 menit lagi"]


def test_an_argument_may_name_another_entry(two: Path) -> None:
    words = Words(two, strict=True)
    assert words.text("en", "about", {"topic": "@topic.family"}) == "about family"
    assert words.text("en", "about", {"topic": "@nobody"}) == "about @nobody"


def test_a_persons_words_are_never_interpreted(two: Path) -> None:
    words = Words(two, strict=True)
    assert words.text("en", "about", private={"topic": "@topic.family {name} {0.__class__}"}) == (
        "about @topic.family {name} {0.__class__}"
    )


def test_dates_and_times_are_shown_in_the_language_and_time_zone(two: Path) -> None:
    words = Words(two, strict=True, timezone="Asia/Jakarta")
    eight = 1_795_136_400_000  # 2026-11-20 01:00 UTC, a Friday
    args = {"day": "2026-08-17", "at": eight}
    assert words.text("id", "checked", args) == "dicek 17 Agustus 2026, jam 08.00, Jumat 08.00"
    assert words.text("en", "checked", args) == "checked 17 August 2026, at 08:00, Friday 08:00"
    assert words.text("en", "checked", {"day": eight, "at": eight}).startswith("checked 20 November 2026")
    assert words.text("en", "checked", {"day": "unknown", "at": eight}).startswith("checked unknown,")


def test_strict_words_name_what_is_missing(two: Path) -> None:
    words = Words(two, strict=True)
    with pytest.raises(WordsError, match=r"en: only\.id is not in the catalogue"):
        words.text("en", "only.id")
    with pytest.raises(WordsError, match="id: hello lacks the argument name"):
        words.text("id", "hello")


def test_running_words_never_fall_silent_and_count_each_fall(two: Path) -> None:
    words = Words(two)
    assert words.text("en", "only.id") == "Cuma di sini"
    assert words.text("en", "nowhere") == "Sorry, once more please."
    assert words.text("id", "hello") == "Hai "
    assert words.missed == {"en:only.id": 1, "en:nowhere": 1, "id:hello": 1}


def test_the_last_words_need_no_catalogue(tmp_path: Path) -> None:
    words = Words(catalogue(tmp_path, "id", entry("a", "b")))
    assert words.text("id", "nowhere") == LAST_WORDS["id"]


def test_a_fuzzy_entry_is_not_spoken(tmp_path: Path) -> None:
    catalogue(tmp_path, "id", entry("hello", "Hai"))
    catalogue(tmp_path, "en", "#, fuzzy\n" + entry("hello", "Hello?"))
    assert Words(tmp_path).text("en", "hello") == "Hai"
    assert "en: hello is fuzzy: look at it and remove the mark" in check_catalogues(tmp_path)


def test_a_default_language_without_a_catalogue_stops_the_start(two: Path) -> None:
    with pytest.raises(WordsError, match=r"there is no catalogue jv/bot\.po"):
        Words(two, default="jv")


def test_more_plural_forms_than_the_language_has_are_named(tmp_path: Path) -> None:
    problems = check_catalogues(catalogue(tmp_path, "id", WAIT_EN))
    assert len(problems) == 1
    assert problems[0].startswith("id/bot.po cannot be read: msg has more translations")


@pytest.mark.parametrize(
    ("ours", "theirs", "problem"),
    [
        (entry("a", "x"), "", "en: a is missing"),
        (entry("a", "x"), entry("a", ""), "en: a is empty"),
        (entry("a", "{n} x"), entry("a", "{m} x"), "a: placeholders differ: en m; id n"),
        (WAIT_ID, entry("wait", "wait"), "wait: placeholders differ: en none; id n"),
        (entry("a", "x"), entry("a", "x") * 2, "en: a stands twice"),
        (entry("a", "x" * 4097), entry("a", "x"), "id: a is 4097 long, at most 4096 fit"),
        (entry("a", "😊" * 2049), entry("a", "x"), "id: a is 4098 long, at most 4096 fit"),
        (entry("button.a", "x" * 21), entry("button.a", "x"), "id: button.a is 21 long, at most 20 fit"),
        (entry("label.a", "x" * 61), entry("label.a", "x"), "id: label.a is 61 long, at most 60 fit"),
        (entry("a", "x "), entry("a", "x"), "id: a begins or ends with a space, which platforms cut"),
        (entry("a", "{N}"), entry("a", "x"), "id: a has a brace that is no placeholder"),
        (entry("a", "{n:clock}"), entry("a", "{n}"), "id: a asks for the unknown form clock"),
        (entry("A b", "x"), entry("A b", "x"), "id: A b is not a key: lower case words joined by dots"),
        (WAIT_ID, WAIT_ID, "en: wait is empty"),
    ],
)
def test_each_fault_of_a_catalogue_is_named(tmp_path: Path, ours: str, theirs: str, problem: str) -> None:
    catalogue(catalogue(tmp_path, "id", ours), "en", theirs)
    assert problem in check_catalogues(tmp_path)


def test_a_sentence_is_no_label(tmp_path: Path) -> None:
    said = entry("button.stale", "Tombol ini sudah tidak berlaku.")
    assert check_catalogues(catalogue(catalogue(tmp_path, "id", said), "en", said)) == []


def test_sound_catalogues_have_no_fault(two: Path) -> None:
    catalogue(two, "en", (two / "en" / "bot.po").read_text().partition("\n\n")[2] + entry("only.id", "Here"))
    assert check_catalogues(two) == []


def test_a_file_that_is_no_catalogue_is_named(tmp_path: Path) -> None:
    catalogue(tmp_path, "id", "msgid [\n")
    assert check_catalogues(tmp_path)[0].startswith("id/bot.po cannot be read")
    assert check_catalogues(tmp_path / "empty") == ["there is no catalogue at all"]


def test_keys_are_collected_from_code() -> None:
    source = (
        'Say("a")\nSay(key="b", to=1)\nButton("menu:peer", "c")\nToast("d" if x else "e")\n'
        'effects.Say(f"f.{n}.g")\nOther("h.i")\nself.say("j.k", "plain")\n_tell_all(turn, e, "l.m")\n'
        'self.words.text(lang, "n.o")\ntx.text(owner, sealed, "cases.words")\n'
    )
    assert list(keys_in(source)) == [
        ("a", "Say", 1), ("b", "Say", 2), ("c", "Button", 3), ("d", "Toast", 4), ("e", "Toast", 4),
        ("f.*.g", "Say", 5), ("j.k", "say", 7), ("l.m", "_tell_all", 8), ("n.o", "text", 9),
    ]  # fmt: skip


# --- the real ones ---


def test_the_catalogues_are_sound() -> None:
    assert check_catalogues() == []


def test_every_key_that_the_code_speaks_is_in_the_catalogues() -> None:
    known = Words(LOCALES).keys()
    missing = {
        key: place
        for key, place in spoken_keys(ROOT / "flows", ROOT / "bot").items()
        if not any(fnmatchcase(one, key) for one in known)
    }
    assert missing == {}


def test_every_label_fits_on_a_button() -> None:
    labels = spoken_keys(ROOT / "flows", ROOT / "bot", buttons=True)
    texts = spoken_keys(ROOT / "flows", ROOT / "bot", buttons=False)
    long = {
        f"{catalogue.language}: {key}"
        for catalogue in (read_catalogue(path, path.parent.name) for path in LOCALES.glob("*/bot.po"))
        for key, text in catalogue.texts.items()
        if key not in texts and any(fnmatchcase(key, label) for label in labels) and units(str(text)) > LABEL_UNITS
    }
    assert long == set()
