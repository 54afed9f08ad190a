"""B5: screening: on everyday lines, on hostile input, and as the lexicon grows."""

from __future__ import annotations

from time import perf_counter, process_time

from benchmarks.table import Figure, percentile
from bot.rules import compile_rules, load_rules, read_documents
from bot.words import LOCALES
from flows.crisis.screen import Matcher, screen

LINES = (
    "aku lagi capek banget sama tugas kuliah yang numpuk",
    "kak tadi dosenku marah di depan kelas, malu banget",
    "makasih ya udah mau dengerin, agak lega",
    "besok ada ujian statistik dan aku belum belajar sama sekali",
    "ibu sakit, aku harus pulang tapi tiketnya mahal",
    "I have been feeling really tired lately and nobody seems to notice",
    "wkwk iya sih, tapi ya gitu deh",
    "pengen udahan aja semuanya, ga kuat lagi",
)
HOSTILE = {
    "one letter": "a" * 10_000,
    "spaces": " " * 10_000,
    "combining marks": "a" + "\u0301" * 9_999,
    "emoji": "😭" * 10_000,
    "slashes": "m/a/t/i/" * 1_250,
    "danger": "bunuh diri " * 909,
}


SIZES = (100, 1_000, 10_000)  # phrases that are added to the lexicon


def grown(phrases: int) -> Matcher:
    """The rules with `phrases` more, of invented words, in a class that a rule of its own asks for."""
    extra = ", ".join(f"zq{n:05d}x zk{n % 97}x" for n in range(phrases))
    rule = {"id": "invented", "category": "none", "level": "distress", "when": ["<invented> ..3 <wish>"]}
    document = {"language": "zz", "classes": {"invented": extra}, "rules": [rule]}
    return compile_rules([*read_documents(LOCALES), document])


def growth() -> tuple[float, float]:
    """What a message costs with the largest lexicon, as a multiple of the smallest, and the phrases it then holds.
    The sizes take turns, so that whatever else runs weighs on all alike."""
    matchers = [grown(size) for size in SIZES]
    costs: list[list[float]] = [[] for _ in SIZES]
    for _ in range(15):
        for matcher, cost in zip(matchers, costs, strict=True):
            spent = process_time()
            for n in range(400):
                screen(f"{LINES[n % len(LINES)]} {n}", matcher)
            cost.append(process_time() - spent)
    least = [min(cost) for cost in costs]
    return max(least) / least[0], len(matchers[-1].lexicon.classes)


async def measure() -> list[Figure]:
    matcher = load_rules(LOCALES)
    for line in LINES:
        screen(line, matcher)
    times = []
    spent = process_time()
    for n in range(8_000):
        began = perf_counter()
        screen(f"{LINES[n % len(LINES)]} {n}", matcher)
        times.append((perf_counter() - began) * 1e6)
    each = (process_time() - spent) / 8_000 * 1e6
    worst = {}
    for name, text in HOSTILE.items():
        runs = []
        for _ in range(5):
            began = process_time()
            screen(text, matcher)
            runs.append((process_time() - began) * 1000)
        worst[name] = sorted(runs)[2]
    multiple, phrases = growth()
    slowest = max(worst, key=lambda name: worst[name])
    return [
        Figure("B5", "screening a line, one core", f"{1e6 / each:,.0f}/s ({each:.0f} us)", ">= 10,000/s", each <= 100),
        Figure(
            "B5",
            "the same, the slowest of a hundred",
            f"p99 {percentile(times, 0.99):.0f} us",
            "< 1,000 us",
            percentile(times, 0.99) < 1_000,
        ),
        Figure(
            "B5",
            "the same with 10,000 phrases more, beside 100 more",
            f"{multiple:.2f} x ({phrases:,.0f} phrases of classes)",
            "<= 1.2 x",
            multiple <= 1.2,
        ),
        Figure(
            "B5",
            "10,000 characters of anything",
            f"at worst {worst[slowest]:.1f} ms ({slowest})",
            "<= 20 ms",
            worst[slowest] <= 20,
        ),
    ]
