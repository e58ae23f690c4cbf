"""Comparing the names of authors and organizations with watched names."""

from functools import lru_cache
from typing import NamedTuple

from papertrack.matching.words import TokenizedText, fold_word
from papertrack.people import PersonName, family_name, parse_name
from papertrack.text import readable

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
    everyone with that family name. Both names may be written "Family, Given".
    """
    expected, actual = _folded_watched(watched), _folded_author(author)
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


def last_word(watched: str) -> str:
    """Return the folded word that all names that fit a watched name contain, or ""."""
    return "".join(_folded_watched(watched).words[-1:])


@lru_cache(16_384)
def _folded_watched(name: str) -> _FoldedName:
    name = readable(name)
    return _folded(family_name(name) or parse_name(name))


@lru_cache(16_384)
def _folded_author(name: str) -> _FoldedName:
    return _folded(parse_name(readable(name)))


def _folded(name: PersonName) -> _FoldedName:
    given, particles = _words(name.given), _words(name.particles)
    words = given + particles + _words(name.family)
    if name.is_group and words[:1] == ("the",):
        words = words[1:]
    return _FoldedName(given, particles, words, "".join(_words(name.suffix)), name.is_group)


def _words(text: str) -> tuple[str, ...]:
    return tuple(map(fold_word, TokenizedText(text).words)) if text else ()


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

    Case, accents and hyphens do not matter: "meta" fits "Meta AI".
    """
    expected, actual = (
        " ".join(map(fold_word, TokenizedText(name).words)) for name in (watched, organization)
    )
    return SAME if expected and f" {expected} " in f" {actual} " else 0
