"""What triage says of a text. Values only: nothing here reads text or decides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Level(IntEnum):
    """How grave a text is. HIGH and IMMINENT page a counselor; DISTRESS offers support and pages nobody."""

    NONE = 0
    DISTRESS = 1
    HIGH = 2
    IMMINENT = 3

    @property
    def word(self) -> str:
        """The level as it is written in files, answers and the database: ``none`` ... ``imminent``."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Level:
        """The level written as `word`. Raises ValueError for any other word."""
        try:
            return cls[word.upper()]
        except KeyError:
            raise ValueError(f"not a level: {word!r}") from None


class Category(StrEnum):
    """What kind of danger a text speaks of."""

    suicide = "suicide"
    self_harm = "self_harm"
    abuse = "abuse"
    sexual_abuse = "sexual_abuse"
    violence_to_others = "violence_to_others"
    eating_disorder = "eating_disorder"
    substance = "substance"
    none = "none"


class About(StrEnum):
    """Whom, or what, a text speaks of. It chooses the answer, never whether somebody is paged."""

    self = "self"
    friend = "friend"
    past = "past"
    quote = "quote"
    homework = "homework"
    fiction = "fiction"
    unknown = "unknown"


@dataclass(frozen=True, slots=True)
class Hit:
    """One rule that fired.

    `words` are the writer's own, cut from the raw text at `start:end` (counted in characters), also where the
    rule was found only after normalizing. `level` is the level this hit was given in the end, after
    everything that raised or lowered it.
    """

    rule: str
    words: str
    start: int
    end: int
    level: Level
    category: Category


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything triage found in one text.

    `version` names the lexicon that judged, so that a case can say later why it was opened. `modifiers`
    names what lowered or raised a hit (laughter, homework, time, means ...), for explanations.
    """

    level: Level
    category: Category = Category.none
    about: About = About.unknown
    hits: tuple[Hit, ...] = ()
    version: str = ""
    modifiers: tuple[str, ...] = ()

    @property
    def crisis(self) -> bool:
        """Whether a case must be opened and the ladder paged (law C2)."""
        return self.level >= Level.HIGH

    @property
    def words(self) -> str:
        """The writer's own triggering words, gravest first, parted by an ellipsis; empty if nothing fired."""
        chosen: list[Hit] = []
        for hit in sorted(self.hits, key=lambda h: (-h.level, h.start)):
            if len(chosen) == 3:
                break
            if not any(kept.start <= hit.start and hit.end <= kept.end for kept in chosen):
                chosen.append(hit)
        return " ... ".join(hit.words for hit in chosen)


NOTHING = Assessment(Level.NONE)

# C5: a text that could not be assessed counts as risk.
UNSURE = Assessment(Level.HIGH, modifiers=("unassessed",))
