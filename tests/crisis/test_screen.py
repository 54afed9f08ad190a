"""What must be heard however it is written, what must not be, and the laws C5 and C6."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.crisis.assessment import About, Assessment, Category, Hit, Level
from flows.crisis.lexicon import Lexicon, Occurrences
from flows.crisis.net import Net
from flows.crisis.normalize import Spelling
from flows.crisis.screen import Heard, Matcher, heard_from_helper, screen

GRAVE = [
    "b u n u h d i r i",
    "aku mau b u n u h  d i r i",
    "b.u.n.d.i.r",
    "bvnuh d1r1",
    "bun\u200bdir aja",
    "bu nuh diri aja deh",
    "b*nuh diri",
    "su*cide again",
    "m4t1 aja rasanya pengen m4ti",
    "mauuu matiii ajaaa",
    "ｍａｕ ｂｕｎｕｈ ｄｉｒｉ",
    "m̶a̶u̶ m̶a̶t̶i̶ aja",
    "🅑🅤🅝🅓🅘🅡",
    "мати aja, pengen мати",
    "#pengenmati",
    "pgn bnuh diri",
    "bundir",
    "pengen mati",
    "ga kuat lagi pengen udahan aja hidup",
    "pengen nyusul ibu",
    "temen gue mau bunuh diri",
    "dipukulin bapak tiap malem",
    "mantan ngancem nyebarin video kita",
    "I keep cutting myself",
    "aku muntahin tiap abis makan",
    "udah kecanduan sabu",
    "pengen gue bacok orang itu",
    "aku hayang paeh",
    "aku pengin nglalu",
]
NOW = [
    "udah beli obatnya, malam ini",
    "I want to kill myself tonight",
    "bntr lg gw g4ntung, bye",
    "aku lompat sekarang",
]
CALM = [
    "nikmati aja",
    "mati lampu dari subuh",
    "bom bunuh diri di kota itu",
    "hukuman mati dihapus ga sih",
    "deadline bikin mau mati wkwk",
    "makalah tentang bunuh diri minimal berapa halaman",
    "judul lagunya Mati-Matian ya?",
    "hp gue mati",
    "halo kak, mau tanya jadwal",
    "",
    "   ",
    "😀😀😀",
]


@pytest.mark.parametrize("text", GRAVE)
def test_heard(text: str, matcher: Matcher) -> None:
    assert screen(text, matcher).crisis


@pytest.mark.parametrize("text", NOW)
def test_heard_as_imminent(text: str, matcher: Matcher) -> None:
    assert screen(text, matcher).level == Level.IMMINENT


@pytest.mark.parametrize("text", CALM)
def test_not_paged(text: str, matcher: Matcher) -> None:
    assert not screen(text, matcher).crisis


@pytest.mark.parametrize("before", [0, 1, 63, 64, 65, 95, 96, 500, 3000])
def test_no_place_in_a_long_text_is_skipped(before: int, matcher: Matcher) -> None:
    filler = [f"kata{n}" for n in range(before)]
    text = " ".join([*filler, "gue mau bunuh diri", *filler])
    found = screen(text, matcher)
    assert found.crisis
    assert "mau bunuh diri" in found.words


def test_a_repeated_window_is_read_once_and_the_rest_still_heard(matcher: Matcher) -> None:
    assert screen("mati lampu " * 2000 + "aku mau bunuh diri", matcher).crisis


def test_laughter_far_away_lowers_nothing(matcher: Matcher) -> None:
    assert screen("wkwk " * 60 + "aku pengen mati beneran, aku mau bunuh diri", matcher).crisis


@pytest.mark.parametrize("text", ["mati aja deh", "gue mau mati aja", "kms", "bundir", "mau mampus"])
@pytest.mark.parametrize("modifier", ["wkwkwk", "lol jk", "deadline tugas", "buat makalah", "judul film"])
def test_a_modifier_never_clears_to_nothing(text: str, modifier: str, matcher: Matcher) -> None:
    assert screen(f"{text} {modifier}", matcher).level >= Level.DISTRESS  # C6


def test_a_modifier_lowers(matcher: Matcher) -> None:
    assert screen("gue mau mati aja", matcher).crisis
    lowered = screen("gue mau mati aja wkwkwk", matcher)
    assert lowered.level == Level.DISTRESS
    assert "laughter" in lowered.modifiers


def test_laughter_does_not_hide_an_attempt(matcher: Matcher) -> None:
    assert screen("kemarin gue nyoba bunuh diri wkwkwk", matcher).crisis


def test_a_fixed_expression_hides_only_its_own_words(matcher: Matcher) -> None:
    assert not screen("mati lampu lagi", matcher).crisis
    assert screen("mati lampu lagi, aku juga pengen mati", matcher).crisis


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("aku mau bunuh diri", Category.suicide),
        ("tanganku disilet, aku nyayat tangan lagi", Category.self_harm),
        ("ayah nonjok aku tiap malem", Category.abuse),
        ("om aku ngeraba paha aku", Category.sexual_abuse),
        ("gue pengen bacok dia", Category.violence_to_others),
        ("abis makan aku muntahin biar kurus", Category.eating_disorder),
        ("kecanduan tramadol, sakau kalo ga minum", Category.substance),
    ],
)
def test_categories(text: str, category: Category, matcher: Matcher) -> None:
    assert screen(text, matcher).category is category


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("gue mau bunuh diri", About.self),
        ("temen gue mau bunuh diri", About.friend),
        ("skripsi tentang bunuh diri", About.homework),
        ("di film itu tokohnya gantung diri", About.fiction),
    ],
)
def test_whom_it_speaks_of(text: str, about: About, matcher: Matcher) -> None:
    assert screen(text, matcher).about is about


def test_a_hit_shows_the_writers_own_words(matcher: Matcher) -> None:
    text = "kak… gw pngn BUNDIRR aja 😭"
    hit = next(hit for hit in screen(text, matcher).hits if hit.level == Level.HIGH)
    assert hit.words == text[hit.start : hit.end]
    assert "BUNDIRR" in screen(text, matcher).words


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=200) | st.lists(st.sampled_from(GRAVE + CALM + ["*", "…", "\n", "🔪"]), max_size=6).map(" ".join)
)
def test_any_text_is_assessed_and_every_place_is_right(matcher: Matcher, text: str) -> None:
    found = screen(text, matcher)
    assert "unassessed" not in found.modifiers
    assert all(hit.words == text[hit.start : hit.end] and hit.words for hit in found.hits)
    assert found.level == max((hit.level for hit in found.hits), default=Level.NONE)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000,
        " " * 10_000,
        "a" + "\u0301" * 10_000,
        "😀" * 10_000,
        "nya" * 3_333,
        "\ud800" * 5_000,
        "a b " * 2_500,
    ],
)
def test_hostile_texts_are_survived(text: str, matcher: Matcher) -> None:
    assert "unassessed" not in screen(text, matcher).modifiers


class _Broken:
    """A matcher whose find fails."""

    version = "broken"
    net: Net | None = None

    def __init__(self, whole: Matcher) -> None:
        self.spelling: Spelling = whole.spelling
        self.lexicon: Lexicon = whole.lexicon

    def find(self, words: Sequence[str]) -> Occurrences:
        raise MemoryError


def test_what_cannot_be_assessed_counts_as_risk(matcher: Matcher) -> None:
    found = screen("halo", _Broken(matcher))  # C5
    assert found.crisis
    assert found.version == "broken"


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("kamu kepikiran bunuh diri?", Heard.echo),
        ("apa kamu mau mati?", Heard.echo),
        ("aku takut kamu bunuh diri", Heard.echo),
        ("tadi kamu bilang mau bunuh diri ya", Heard.echo),
        ("are you thinking about suicide?", Heard.echo),
        ("aku juga pengen mati", Heard.own),
        ("gue mau bunuh diri", Heard.own),
        ("kalau kamu pergi aku bunuh diri", Heard.own),
        ("I want to kill myself", Heard.own),
        ("semangat ya, kamu pasti bisa", Heard.nothing),
    ],
)
def test_a_helper_speaks_of_themselves_or_of_the_student(text: str, heard: Heard, matcher: Matcher) -> None:
    assert heard_from_helper(text, screen(text, matcher)) is heard


def test_words_join_the_gravest_hits_once() -> None:
    hits = (
        Hit("b", "mati", 10, 14, Level.HIGH, Category.suicide),
        Hit("a", "pengen mati", 3, 14, Level.IMMINENT, Category.suicide),
        Hit("c", "capek", 20, 25, Level.DISTRESS, Category.none),
    )
    assert Assessment(Level.IMMINENT, hits=hits).words == "pengen mati ... capek"


@pytest.mark.parametrize(
    "text",
    [
        "i want to k!ll mys3lf",
        "bu nuh di ri aja",
        "gant0ng d1ri",
        "aqhu mow mathi ajhaa",
        "ki!!ing mys3lf soon",
        "b.u.n.u.h d.i.r.i",
    ],
)
def test_disguises_are_undone(text: str, matcher: Matcher) -> None:
    assert screen(text, matcher).crisis


@pytest.mark.parametrize(
    ("text", "grave"),
    [
        ("aku suka mukulin kepala sendiri ke tembok", True),  # Sundanese "resep" (to like) is no kitchen
        ("pacarku nampar aku", True),  # Javanese "tampar" (rope) is no rope here
        ("dosen ngajar aku statistik", False),  # Javanese "ngajar" (to beat up) teaches here
        ("this playlist slaps, im dead", False),
        ("lumpat isuk ka lapang", False),  # to run, not to jump
    ],
)
def test_languages_do_not_swallow_each_other(text: str, grave: bool, matcher: Matcher) -> None:
    assert screen(text, matcher).crisis is grave


@pytest.mark.parametrize("text", ["aku udah", "i want", "pengen", "gue mau", "aku takut", "besok"])
def test_a_scrap_of_a_sentence_pages_nobody(text: str, matcher: Matcher) -> None:
    assert not screen(text, matcher).crisis


@pytest.mark.parametrize(
    "text",
    [
        "kakak temenku bunuh diri tahun lalu, dia masih sedih",
        "lately all I can think about is ending my life",
        "no one would show up to my funeral",
        "dosen pembimbing minta ketemu di hotel kalo mau lulus",
        "aku hukum diri kalo makan lebih dari 300 kalori",
    ],
)
def test_a_word_of_everyday_is_not_taken_out_of_its_sentence(text: str, matcher: Matcher) -> None:
    """Endings, shows, exams, laws, others' deaths: each once lowered, or raised, what had nothing to do with it."""
    assert screen(text, matcher).crisis is not text.startswith("kakak")
    assert screen(text, matcher).category != Category.violence_to_others
