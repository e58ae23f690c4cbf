"""Comparing the names of authors and organizations with watched names."""

from functools import lru_cache
from typing import NamedTuple

from papertrack.matching.words import UMLAUT, TokenizedText
from papertrack.people import PersonName, family_name, parse_name
from papertrack.text import fold, fold_word, readable, spelled_out
from papertrack.word_breaks import split_words

SAME, INITIAL = 100, 90


class _FoldedName(NamedTuple):
    """The folded words of a name; `words` are all of them but the suffix, family name last."""

    given: tuple[str, ...]
    particles: tuple[str, ...]
    words: tuple[str, ...]
    suffix: str
    is_group: bool


def name_score(watched: str, author: str) -> int:
    """Return how well an author's name fits a watched name: 100, 90 or 0.

    100: the same name apart from case, accents, hyphens, middle names and a suffix such as Jr. 90:
    one of the first names is only an initial. 0: another name. A watched family name alone fits
    everyone with that family name. Both names may be written "Family, Given", and an umlaut in
    either as ae, oe or ue in the other.
    """
    expected, actual = _folded_watched(watched), _folded_author(author)
    score = _score(expected[0], actual[0])
    if score == SAME or len(expected) == len(actual) == 1:
        return score
    return max(score, _score(expected[-1], actual[-1]))


def _score(expected: _FoldedName, actual: _FoldedName) -> int:
    """The score of two folded names."""
    if not expected.words or not actual.words or _differ(expected.suffix, actual.suffix):
        return 0
    if "".join(expected.words) == "".join(actual.words):
        return SAME
    if expected.is_group or actual.is_group:
        return 0
    if not expected.given:
        return SAME if _ends_with(actual.words, "".join(expected.words)) else 0
    return _person_score(expected, actual)


def _person_score(expected: _FoldedName, actual: _FoldedName) -> int:
    """The score of two names of people if the watched name has a first name."""
    is_family = expected.words[-1] == actual.words[-1] and actual.given
    if not is_family or _differ("".join(expected.particles), "".join(actual.particles)):
        return 0
    if expected.given[0] == actual.given[0]:
        return SAME
    short, long = sorted((expected.given[0], actual.given[0]), key=len)
    return INITIAL if len(short) == 1 and long.startswith(short) else 0


def part_of_last_word(watched: str) -> str:
    """Return folded letters that all names that fit a watched name contain, or "".

    They are those of its last word, or its longest part without ae, oe and ue.
    """
    last = "".join(_folded_watched(watched)[-1].words[-1:])
    return max(UMLAUT.split(last), key=len)


@lru_cache(16_384)
def _folded_watched(name: str) -> tuple[_FoldedName, ...]:
    """A watched name, and if it has umlauts, the same with ae, oe and ue for them."""
    return tuple(_folded(family_name(form) or parse_name(form)) for form in _forms(name))


@lru_cache(16_384)
def _folded_author(name: str) -> tuple[_FoldedName, ...]:
    return tuple(_folded(parse_name(form)) for form in _forms(name))


def _forms(name: str) -> dict[str, None]:
    name = readable(name)
    return dict.fromkeys((name, spelled_out(name)))


def _folded(name: PersonName) -> _FoldedName:
    given, particles = _words(name.given), _words(name.particles)
    words = given + particles + _words(name.family)
    if name.is_group and words[:1] == ("the",):
        words = words[1:]
    return _FoldedName(given, particles, words, "".join(_words(name.suffix)), name.is_group)


def _words(text: str) -> tuple[str, ...]:
    """The folded words of a name; each of several initials is one."""
    return tuple(split_words(fold(text)))


def _differ(first: str, second: str) -> bool:
    """Whether both names have this part, but not the same."""
    return bool(first and second) and first != second


def _ends_with(words: tuple[str, ...], family: str) -> bool:
    """Whether the last words of a name, joined, are a family name."""
    last = ""
    for word in reversed(words[1:]):
        last = word + last
        if len(last) >= len(family):
            return last == family
    return False


def organization_score(watched: str, organization: str) -> int:
    """Return 100 if an organization's name contains a watched name as whole words, else 0.

    Case, accents, umlauts and hyphens do not matter: "meta" fits "Meta AI".
    """
    fits = any(
        f" {words} " in f" {_spaced_words(respelled(organization))} "
        for respelled in (str, spelled_out)
        if (words := _spaced_words(respelled(watched)))
    )
    return SAME if fits else 0


def _spaced_words(name: str) -> str:
    return " ".join(map(fold_word, TokenizedText(name).words))
