"""Ranking papers for a reader by the papers that they starred and hid.

The score of a paper is linear in its features: words without the plural ending, pairs of
neighbouring words, authors, and its subject, which is close to that of another paper even if they
share few words: the sums of the word vectors that come with papertrack, and of those learned from
the library; see `features`, `word_vectors` and `latent`. The words, pairs and authors are TF-IDF
weights, (1 + log tf) * log(N / df), scaled to length 1 (Salton and Buckley, Term-Weighting
Approaches in Automatic Text Retrieval, 1988), so that no paper gains from repeating words; they
have four tenths of the squared length of a paper, the sums four and two. The weights w of the
features solve a ridge regression (Hoerl and Kennard, Technometrics 12, 1970): they minimize

    sum over starred (1 - x.w)^2 + sum over hidden (x.w)^2 + sum over others c (x.w)^2 + |w|^2

where c makes the other papers together count five times as much as the starred ones: papers that
are neither starred nor hidden are taken for papers that the reader does not want, as most are
(Elkan and Noto, Learning Classifiers from Only Positive and Unlabeled Data, KDD 2008). Words, pairs
and authors that no starred paper has are left out. It is solved by six steps of conjugate
gradients (Hestenes and Stiefel, 1952); stopping early smooths the weights further.

If the starred papers fall into two clusters that are clearly apart, a paper belongs to the one
whose mean vector is more similar, and the list takes papers of both in proportion to their starred
papers (Steck, Calibrated Recommendations, RecSys 2018).

Near-duplicates of another starred paper do not count. In the list, those of starred, hidden and
read papers, and of papers before them, come last. See `duplicates`.

The constants were chosen with held-out readers; see tests/benchmarks/recommending.py.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import nlargest
from itertools import islice
from typing import NamedTuple
from zlib import crc32

from papertrack.models import Paper, Reasons, Recommendation
from papertrack.searching.duplicates import SeenPapers
from papertrack.searching.features import word_counts
from papertrack.searching.interests import find_interests, interleave
from papertrack.searching.latent import learn_vectors
from papertrack.searching.reasons import ReasonFinder
from papertrack.searching.representations import Kind, Representations
from papertrack.searching.ridge import RidgeRegression, Steps, Weights
from papertrack.searching.vector_space import Similarity, Vector, VectorSpace
from papertrack.searching.word_vectors import WordVectors, shipped_vectors

Reading = Callable[[Sequence[Paper]], Iterable[Paper]]
VERSION = 5  # Increased whenever the same papers may give another ranking.
_OTHERS_WEIGHT = 5.0  # of all other papers together, when the starred ones have 1
_SHIPPED_SHARE, _LEARNED_SHARE = 0.4, 0.2  # see Kind
_MAX_LEARNED = 640  # papers that word vectors are learned from
_MAX_OTHERS = 1500  # papers that stand for all others; more hardly change the weights


class Profile(NamedTuple):
    """What the papers of a reader say: weights by feature, highest first.

    `starred` are the starred papers that count. The others, whose number is `duplicates`, are
    near-duplicates of them.
    """

    weights: Mapping[str, float]
    starred: tuple[str, ...]
    duplicates: int


class Ranking:
    """A model of a reader, trained on starred and hidden papers, and the papers to rank with it.

    `others` are all further papers, without those that were `read`, of which nothing is learned.
    The order of the papers does not matter. `known` has the representations of papers, made by
    `represent`. `reading` yields the papers that are learned from, `training` the steps of that;
    both may tell how many have been.
    """

    def __init__(
        self,
        starred: Sequence[Paper],
        hidden: Sequence[Paper],
        others: Sequence[Paper],
        known: Representations,
        *,
        read: Sequence[Paper] = (),
        reading: Reading = iter,
        training: Steps = iter,
    ) -> None:
        starred, hidden, others = (
            sorted(papers, key=lambda paper: paper.id) for papers in (starred, hidden, others)
        )
        sample = nlargest(_MAX_OTHERS, others, key=sampling_key)
        represented = list(map(known.of, reading([*starred, *sample, *hidden])))
        counts = [paper.features for paper in represented]
        self._known, self._space = known, VectorSpace(starred, counts, known.kinds)
        vectors = map(self._space.vector, represented)
        marked = {paper.id: next(vectors) for paper in starred}
        # Of many papers, only those that are trained with are kept as vectors.
        self._vectors = {paper.id: next(vectors) for paper in sample}
        self._papers = {paper.id: paper for paper in others}
        self._seen = (*starred, *hidden, *read)
        self._judged: dict[str, tuple[int, float]] = {}
        seen = SeenPapers()
        counted = (paper.id for paper in starred if seen.add(paper, known.of(paper).features))
        self._starred = {key: marked[key] for key in counted}
        self._duplicates = len(starred) - len(self._starred)
        self._train(list(self._vectors.values()), list(vectors), training)
        similar = Similarity(len(self._starred))
        for key, vector in self._starred.items():
            similar.add(key, vector)
        self._finder = ReasonFinder(self._space, self._weights, similar)

    def profile(self) -> Profile:
        """The weights of all features, highest first."""
        weights = self._space.weights_by_name(self._weights)
        ordered = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))
        return Profile(dict(ordered), tuple(self._starred), self._duplicates)

    def best(self, ids: Iterable[str], limit: int | None) -> list[Recommendation]:
        """The papers with these ids among the others, best first."""
        return [
            Recommendation(paper_id, score, self.reasons(paper_id))
            for paper_id, score in islice(self.order(ids), limit)
        ]

    def order(self, ids: Iterable[str]) -> Iterator[tuple[str, float]]:
        """Yield the ids, which are of other papers, with their scores: best first.

        Near-duplicates of others come last.
        """
        groups: list[list[tuple[float, str]]] = [[] for _ in self._shares]
        for paper_id in ids:
            if paper_id not in self._judged:
                self._judged[paper_id] = self._judge(self._vector(paper_id))
            interest, score = self._judged[paper_id]
            groups[interest].append((-score, paper_id))
        ordered = interleave([sorted(group) for group in groups], self._shares)
        seen, duplicates = SeenPapers(), []
        for paper in self._seen:
            seen.add(paper, self._known.of(paper).features)
        for negative, paper_id in ordered:
            paper = self._papers[paper_id]
            if seen.add(paper, self._known.of(paper).features):
                yield paper_id, -negative
            else:
                duplicates.append((paper_id, -negative))
        yield from duplicates

    def _vector(self, paper_id: str) -> Vector:
        vector = self._vectors.get(paper_id)
        return vector or self._space.vector(self._known.of(self._papers[paper_id]))

    def _judge(self, vector: Vector) -> tuple[int, float]:
        """The interest that a paper belongs to, and its score."""
        is_second = self._contrast is not None and vector.score(self._contrast) < 0
        return int(is_second), vector.score(self._weights)

    def _train(
        self, background: Sequence[Vector], avoided: Sequence[Vector], training: Steps
    ) -> None:
        vectors = list(self._starred.values())
        rows = [*vectors, *background, *avoided]
        own, subjects = [row.own for row in rows], [row.subject.coordinates for row in rows]
        share = _OTHERS_WEIGHT * len(vectors) / max(len(background), 1)
        self._weights = RidgeRegression(own, subjects, len(self._space.own)).fit(
            [1.0] * len(vectors) + [share] * len(background) + [1.0] * len(avoided),
            [1.0] * len(vectors) + [0.0] * (len(background) + len(avoided)),
            training,
        )
        interests = find_interests(list(map(self._space.subject, vectors)))
        self._shares = [len(interest) / max(len(vectors), 1) for interest in interests]
        self._contrast: Weights | None = None
        if len(interests) > 1:
            first, second = ([vectors[position] for position in group] for group in interests)
            self._contrast = self._space.mean(first).plus(self._space.mean(second), -1.0)

    def reasons(self, paper_id: str) -> Reasons:
        """What speaks for and against a paper among the others."""
        paper = self._papers[paper_id]
        known = self._known.of(paper)
        vector = self._vectors.get(paper_id) or self._space.vector(known)
        return self._finder.reasons(paper, known.features, vector)


def sampled(papers: Iterable[Paper]) -> list[Paper]:
    """The papers that word vectors are learned from; of the same papers, the same."""
    return sorted(nlargest(_MAX_LEARNED, papers, key=sampling_key), key=lambda paper: paper.id)


def learn_word_vectors(
    papers: Sequence[Paper], reading: Reading = iter, steps: Steps = iter
) -> WordVectors:
    """Word vectors learned from papers.

    `reading` yields them; for `steps` see `learn_vectors`. Both may tell how many have been.
    """
    return learn_vectors(list(map(word_counts, reading(papers))), steps)


def represent(
    learned: WordVectors, shipped: WordVectors | None = None, content: memoryview | None = None
) -> Representations:
    """Representations of papers with the shipped vectors and those that `learn_word_vectors` gave.

    `content` has some of them. Raises ValueError if it is not whole.
    """
    kinds = Kind(shipped or shipped_vectors(), _SHIPPED_SHARE), Kind(learned, _LEARNED_SHARE)
    return Representations(kinds, content)


def sampling_key(paper: Paper) -> tuple[int, str]:
    """A key that sorts papers in an order that depends on nothing that they are about."""
    return crc32(paper.id.encode(errors="surrogatepass")), paper.id
