"""Why a paper is recommended: the words and starred papers for it, and the words against it.

A word, a pair of words or an author speaks for a paper if it adds to the score, if two starred
papers have it (where there are five), and if more of them have it than by chance, by the share of
other papers that have it. Function words say nothing, neither alone nor in a pair.
"""

from collections.abc import Iterable, Iterator
from heapq import nsmallest
from math import log, sqrt
from operator import mul

from papertrack.models import Paper, Reasons
from papertrack.searching.features import Features, spelled_words
from papertrack.searching.ridge import Weights
from papertrack.searching.vector_space import Similarity, Vector, VectorSpace

_SHOWN_WORDS, _SHOWN_AGAINST, _SHOWN_PAPERS = 5, 3, 2
_MIN_SHARE = 0.1  # of the part of a paper's best feature; those with smaller parts are no reasons
_MIN_SIMILARITY = 0.1  # cosine to a starred paper that is shown as a reason
# How many starred papers have a feature, of as many as would have it by chance: at least twice as
# many, and so many standard deviations more.
_MIN_RATIO, _MIN_DEVIATIONS = 2.0, 3.0
_SUPPORT, _SUPPORT_FROM = 2, 5  # Papers with a feature, from so many starred papers on.
_COMMON = 0.25  # Words of a greater share of papers do not speak against one.
# Besides those that are no features, STOP_WORDS.
_FUNCTION_WORDS = (
    "above according across actually after again against all almost alone along already "
    "also although always am among another any around away became because become becomes "
    "before behind being below beside besides between beyond both but cannot could "
    "currently despite did does doing done down due during each either else enough "
    "especially even ever every everything finally further furthermore given having he "
    "hence her here hereby his however i indeed instead itself just largely later latter "
    "let likely mainly many may me might more moreover most mostly much must my namely "
    "nearly neither never nevertheless no none nonetheless nor nothing now off often once "
    "only onto other others otherwise ours ourselves out overall own particularly per "
    "perhaps please previously quite rather really recently remain remains respectively "
    "same several shall she should significantly simply since so some something soon still "
    "them themselves then thereby therefore therein thereof they those though through "
    "throughout thus together too toward towards typically under unless unlike until up "
    "upon us use used uses usually various very via well whereas whereby wherein whether "
    "while who whole whom whose why widely will within without would yet you your"
)
# They say something in a pair, as in "few shot" and "real time".
_VAGUE_WORDS = (
    "application applications approach approaches benefit benefits best better challenge "
    "challenges challenging different early effective effectiveness efficient enhance "
    "enhanced enhances existing few fewer first five four full good great half high higher "
    "important improve improved improves insight insights key large larger last late lead "
    "leads least less like long low lower made main make makes making method methods "
    "multiple near need new next novel one ones play plays possible potential prior problem "
    "problems promising real recent research reveal reveals second short significant simple "
    "single six small smaller solution solutions step steps strong technique techniques "
    "third three time times traditional two type types ultimately way ways zero"
)
# They begin what an abstract has to say.
_INTRODUCING_WORDS = (
    "aim aims based demonstrate demonstrated demonstrates find introduce introduced introduces "
    "investigate investigated investigates paper papers present presented presents propose "
    "proposed proposes provide provides result results show showed shown shows studied study "
    "work works"
)
_NOT_AT_ENDS = frozenset((*_FUNCTION_WORDS.split(), *_INTRODUCING_WORDS.split()))
_NOT_ALONE = _NOT_AT_ENDS.union(_VAGUE_WORDS.split())


class ReasonFinder:
    """Finds the reasons of papers, by the weights of features and by starred papers."""

    def __init__(self, space: VectorSpace, weights: Weights, starred: Similarity) -> None:
        self._space, self._weights, self._starred = space, weights, starred
        self._subject_parts: dict[int, list[float]] = {}
        self._telling = {
            feature: name
            for position, (feature, name) in enumerate(space.names.items())
            if starred.support(position) >= self._least_support(feature) and _says_something(name)
        }

    def reasons(self, paper: Paper, counts: Features, vector: Vector) -> Reasons:
        """What speaks for and against a paper."""
        parts = self._parts(counts, vector)
        least = max(parts.values(), default=0.0) * _MIN_SHARE
        # Only few features are reasons, so sorting all would take longer. Of equal parts, the first
        # feature speaks more for a paper, and the last more against it.
        telling = [feature for feature in parts if feature in self._telling]
        words = (
            self._telling[feature]
            for feature in sorted(telling, key=parts.__getitem__, reverse=True)
            if parts[feature] > least
        )
        negative = [feature for feature, part in reversed(parts.items()) if part < -least]
        against = sorted(negative, key=parts.__getitem__)
        cosines = self._starred.cosines(vector)
        close = ((-cosine, key) for cosine, key in cosines if cosine >= _MIN_SIMILARITY)
        return Reasons(
            _distinct(words, _SHOWN_WORDS),
            tuple(key for _, key in nsmallest(_SHOWN_PAPERS, close)),
            _distinct(self._names_against(paper, against), _SHOWN_AGAINST),
        )

    def _least_support(self, feature: int) -> float:
        """The number of starred papers that must have a feature."""
        starred = len(self._starred)
        expected = self._space.shares[feature] * starred
        if starred < _SUPPORT_FROM:
            return max(1.0, _MIN_RATIO * expected)
        # The number is nearly Poisson distributed, so its variance is the expected number.
        by_chance = expected + _MIN_DEVIATIONS * sqrt(expected)
        return max(_SUPPORT, _MIN_RATIO * expected, by_chance)

    def _parts(self, counts: Features, vector: Vector) -> dict[int, float]:
        """What each feature of a paper adds to its score."""
        own = zip(*vector.own, strict=True)
        parts = {
            self._space.own[position]: self._weights.own[position] * value
            for position, value in own
        }
        for key, number in counts.counted_words():
            by_kind = self._subject_parts.get(key)
            if by_kind is None:
                by_kind = self._space.subject_parts(key, self._weights)
                self._subject_parts[key] = by_kind
            if part := sum(map(mul, by_kind, vector.subject.scales)):
                parts[key] = parts.get(key, 0.0) + (1 + log(number)) * part
        return parts

    def _names_against(self, paper: Paper, features: Iterable[int]) -> Iterator[str]:
        """The words of features that say something, as a starred paper or the paper has them."""
        written: dict[int, str] = {}
        for feature in features:
            if self._space.shares.get(feature, 0.0) <= _COMMON:
                name = self._space.names.get(feature)
                if not name:
                    written = written or spelled_words(paper)
                    name = written[feature]
                if _says_something(name):
                    yield name


def _says_something(name: str) -> bool:
    """Whether words say something by themselves."""
    first, *rest = name.split()
    if first == "by":
        return True  # an author
    return _NOT_AT_ENDS.isdisjoint((first, *rest)) if rest else first not in _NOT_ALONE


def _distinct(names: Iterable[str], number: int) -> tuple[str, ...]:
    """The first names that share no word with an earlier one."""
    shown: list[str] = []
    words: set[str] = set()
    for name in names:
        if words.isdisjoint(name.split()):
            shown.append(name)
            # Authors may share a name, and "by" is none.
            words.update(() if name.startswith("by ") else name.split())
            if len(shown) == number:
                break
    return tuple(shown)
