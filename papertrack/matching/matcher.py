"""Watched topics against a paper: which it belongs to, and why it does or does not."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from papertrack.matching.definitions import definitions
from papertrack.matching.names import name_score
from papertrack.matching.phrases import Phrasebook
from papertrack.matching.words import TokenizedText
from papertrack.models import Field, Match, Paper, Topic
from papertrack.results import Verdict

_EXACT = 100
_FIRST = 3
AT_ONCE = 500  # papers that are best matched together
_REMEMBERED = 4096  # short names and what they stand for
_FIELDS: tuple[Field, ...] = ("title", "abstract", "keywords", "authors", "categories")
_PLACE = {field: place for place, field in enumerate(_FIELDS)}


class PhraseHit(NamedTuple):
    """That a field of a paper says a phrase with these words, and the score of the mention."""

    field: Field
    matched: str
    score: int


class _FieldText(NamedTuple):
    field: Field
    text: str
    wording: TokenizedText


_Mentions = Mapping[str, list[PhraseHit]]


class Matcher:
    """Watched topics, read once and then held against any number of papers.

    Phrases are scored as `phrases.score_of` says, authors as `names.same_person`; what scores
    below a topic's threshold does not count. A topic that names nothing but categories takes
    every paper of them; one that names nothing takes none.
    """

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._topics = tuple(topics)
        self._book = Phrasebook(
            phrase for topic in topics for phrase in (*topic.any, *topic.all, *topic.none)
        )
        self._named = lru_cache(_REMEMBERED)(self._named_anew)
        self._asking: dict[str, set[int]] = defaultdict(set)
        self._always: set[int] = set()
        for place, topic in enumerate(topics):
            for phrase in (*topic.any, *topic.all):
                self._asking[phrase].add(place)
            if topic.authors or _only_categories(topic):
                self._always.add(place)

    def match(self, paper: Paper) -> tuple[Match, ...]:
        """The best match of each topic that the paper belongs to, in the order of the topics.

        At equal scores the title comes before the abstract, the keywords, authors, categories.
        """
        return self.match_all([paper])[0]

    def match_all(self, papers: Iterable[Paper]) -> list[tuple[Match, ...]]:
        """What `match` says of each of some papers, in less time, as their common words are looked
        up once.
        """
        found = []
        for paper, said in self._said(papers):
            places = self._always.union(*[self._asking.get(phrase, ()) for phrase in said])
            verdicts = [_judge(self._topics[place], paper, said) for place in sorted(places)]
            found.append(tuple([verdict.matches[0] for verdict in verdicts if verdict.matched]))
        return found

    def explain(self, paper: Paper) -> tuple[Verdict, ...]:
        """The verdict of each topic on the paper, in the order of the topics."""
        return self.explain_all([paper])[0]

    def explain_all(self, papers: Iterable[Paper]) -> list[tuple[Verdict, ...]]:
        """What `explain` says of each of some papers, in less time."""
        return [
            tuple([_judge(topic, paper, said) for topic in self._topics])
            for paper, said in self._said(papers)
        ]

    def _said(self, papers: Iterable[Paper]) -> Iterator[tuple[Paper, _Mentions]]:
        """Each paper, and for each phrase the best mention in each field of it that says it."""
        some = [(paper, _texts(paper)) for paper in papers]
        self._book.read(text.wording for _, texts in some for text in texts)
        return ((paper, self._said_in(texts)) for paper, texts in some)

    def _said_in(self, texts: Sequence[_FieldText]) -> _Mentions:
        said: dict[str, list[PhraseHit]] = defaultdict(list)
        for field, _, wording in texts:
            for phrase, mention in self._book.best_mentions(wording).items():
                matched = wording.said(mention.first, mention.last)
                said[phrase].append(PhraseHit(field, matched, mention.score))
        if said:
            for phrase, one in list(self._said_otherwise(texts, said)):
                said[phrase].append(one)
        return said

    def _said_otherwise(
        self, texts: Sequence[_FieldText], said: Mapping[str, Sequence[PhraseHit]]
    ) -> Iterator[tuple[str, PhraseHit]]:
        """The mentions of a phrase by the short name that the paper gives it, or by what a short
        name stands for there, in fields that do not say the phrase itself.
        """
        defined = (one for _, text, _ in texts for one in definitions(text, self._may_mean))
        for pair in defined:
            for one, other in (pair, reversed(pair)):
                for phrase, score in self._named(one):
                    known = {mention.field for mention in said.get(phrase, ())}
                    for field, text, wording in texts:
                        may_say = field not in known and _begins(other, text)
                        if may_say and (met := _mention(other, score, wording)):
                            yield phrase, PhraseHit(field, *met)

    def _may_mean(self, short: str, end: str) -> bool:
        """Whether a short name, or what ends so, may be a mention of a phrase."""
        return bool(self._named(short)) or self._book.may_end_phrase(TokenizedText(end))

    def _named_anew(self, text: str) -> list[tuple[str, int]]:
        """The phrases that a whole text is a mention of."""
        wording = TokenizedText(text)
        return [
            (phrase, mention.score)
            for phrase, mention in self._book.mentions_at_start(wording).items()
            if mention.last == len(wording.words)
        ]


def _begins(words: str, text: str) -> bool:
    """Whether the first letters of some words are in a text, which is soon seen."""
    return words[:_FIRST].casefold() in text.casefold()


_book_of = lru_cache(1024)(lambda text: Phrasebook([text]))


def _mention(text: str, score: int, wording: TokenizedText) -> tuple[str, int] | None:
    mention = _book_of(text).mentions(wording).get(text)
    return mention and (wording.said(mention.first, mention.last), min(score, mention.score))


def _texts(paper: Paper) -> list[_FieldText]:
    said: list[tuple[Field, str]] = [("title", paper.title)]
    if paper.abstract:
        said.append(("abstract", paper.abstract))
    if paper.keywords:
        said.append(("keywords", "; ".join(paper.keywords)))
    return [_FieldText(field, text, TokenizedText(text)) for field, text in said]


def _judge(topic: Topic, paper: Paper, said: _Mentions) -> Verdict:
    sought = topic.any + topic.all
    found = {
        phrase: met
        for phrase in sought + topic.none
        if phrase in said and (met := _matches(topic, phrase, said[phrase]))
    }
    people = tuple(_authors(topic, paper))
    places = tuple(_categories(topic, paper))
    matches = [*(one for phrase in sought if phrase in found for one in found[phrase]), *people]
    if not matches or _only_categories(topic):
        matches += places
    excluded = next((found[phrase][0] for phrase in topic.none if phrase in found), None)
    outside = () if places else topic.categories
    return Verdict(
        topic.name,
        tuple(dict.fromkeys(sorted(matches, key=_worse))),
        tuple([phrase for phrase in sought if phrase not in found]),
        excluded,
        outside,
        (_met(topic, found) or bool(people)) and not excluded and not outside,
    )


def _met(topic: Topic, found: Collection[str]) -> bool:
    """Whether the phrases of a topic are among those found, or its categories are met where they
    are all it names.
    """
    if not topic.any and not topic.all:
        return _only_categories(topic)
    one_of = not topic.any or any(phrase in found for phrase in topic.any)
    return one_of and all(phrase in found for phrase in topic.all)


def _matches(topic: Topic, phrase: str, said: Iterable[PhraseHit]) -> list[Match]:
    enough = [Match(topic.name, phrase, *one) for one in said if one.score >= topic.threshold]
    return sorted(enough, key=_worse) if len(enough) > 1 else enough


def _authors(topic: Topic, paper: Paper) -> Iterator[Match]:
    for person in topic.authors:
        for author in paper.authors:
            score = name_score(person, author)
            if score and score >= topic.threshold:
                yield Match(topic.name, person, "authors", author, score)


def _categories(topic: Topic, paper: Paper) -> Iterator[Match]:
    """Each required category that the paper is in; an archive ("cs") has all its categories."""
    for required in topic.categories:
        for category in paper.categories:
            if f"{category}.".casefold().startswith(f"{required}.".casefold()):
                yield Match(topic.name, required, "categories", category, _EXACT)


def _only_categories(topic: Topic) -> bool:
    return bool(topic.categories) and not (topic.any or topic.all or topic.authors)


def _worse(match: Match) -> tuple[int, int]:
    return -match.score, _PLACE[match.field]
