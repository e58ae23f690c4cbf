"""Matching papers against topics: which topics a paper belongs to, and why."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from papertrack.matching.definitions import definitions
from papertrack.matching.names import name_score, organization_score
from papertrack.matching.phrases import EXACT, Phrasebook
from papertrack.matching.words import TokenizedText
from papertrack.models import Field, Match, Paper, Topic
from papertrack.results import Verdict
from papertrack.text import readable

_PREFIX = 3  # letters
BATCH_SIZE = 500  # papers in a batch for `match_all`
_MAX_CACHED = 4096  # short names and long forms


class PhraseHit(NamedTuple):
    """A mention of a phrase: the field, the words as written there, and the score."""

    field: Field
    matched: str
    score: int


class _FieldText(NamedTuple):
    field: Field
    text: str
    tokens: TokenizedText


_Hits = Mapping[str, Sequence[PhraseHit]]  # by phrase


class Matcher:
    """Matches any number of papers against topics, whose phrases are parsed once.

    Phrases are scored by `phrases.score_of`, authors and organizations by functions of `names`;
    scores below the threshold of a topic do not count. A topic with nothing but categories matches
    every paper in them; a topic without any rule matches none.
    """

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._topics = tuple(topics)
        self._book = Phrasebook(
            phrase for topic in topics for phrase in (*topic.any, *topic.all, *topic.none)
        )
        self._phrases_named = lru_cache(_MAX_CACHED)(self._find_phrases_named)
        self._topics_by_phrase: dict[str, set[int]] = defaultdict(set)
        self._topics_without_phrase: set[int] = set()
        for index, topic in enumerate(topics):
            for phrase in (*topic.any, *topic.all):
                self._topics_by_phrase[phrase].add(index)
            if topic.authors or topic.organizations or _only_categories(topic):
                self._topics_without_phrase.add(index)

    def match(self, paper: Paper) -> tuple[Match, ...]:
        """Return the best match of each topic that a paper belongs to, in the order of the topics.

        It is the first by `Match.order`.
        """
        return self.match_all([paper])[0]

    def match_all(self, papers: Iterable[Paper]) -> list[tuple[Match, ...]]:
        """Return the result of `match` for each paper.

        Faster than one call for each, because words that papers share are looked up once.
        """
        hits_by_paper = self._hits_by_paper(papers, only_best=True)
        return [self._matches(paper, hits) for paper, hits in hits_by_paper]

    def _matches(self, paper: Paper, hits: _Hits) -> tuple[Match, ...]:
        indexes = self._topics_without_phrase
        if hits:
            indexes = indexes.union(*[self._topics_by_phrase.get(phrase, ()) for phrase in hits])
        elif not indexes:
            return ()
        verdicts = [_judge(self._topics[index], paper, hits) for index in sorted(indexes)]
        return tuple([verdict.matches[0] for verdict in verdicts if verdict.matched])

    def explain(self, paper: Paper) -> tuple[Verdict, ...]:
        """Return the verdict of each topic on a paper, in the order of the topics."""
        return self.explain_all([paper])[0]

    def explain_all(
        self, papers: Iterable[Paper], *, only_best: bool = False
    ) -> list[tuple[Verdict, ...]]:
        """Return the result of `explain` for each paper, faster than one call for each.

        With `only_best`, verdicts may lack matches of a phrase that are not its best one.
        """
        return [
            tuple([_judge(topic, paper, hits) for topic in self._topics])
            for paper, hits in self._hits_by_paper(papers, only_best=only_best)
        ]

    def _hits_by_paper(
        self, papers: Iterable[Paper], *, only_best: bool
    ) -> Iterator[tuple[Paper, _Hits]]:
        """Each paper with the best hit of each phrase in each of its fields."""
        texts_of = self._texts_with_best if only_best and self._book.count == 1 else _field_texts
        tokenized = [(paper, texts_of(paper)) for paper in papers]
        self._book.prepare(text.tokens for _, texts in tokenized for text in texts)
        return ((paper, self._hits(texts)) for paper, texts in tokenized)

    def _texts_with_best(self, paper: Paper) -> list[_FieldText]:
        """The title if it mentions the only phrase exactly, as no match can be better; else all."""
        title = _title_text(paper)
        mentions = self._book.mentions(title.tokens).values()
        if any(mention.score == EXACT for mention in mentions):
            return [title]
        return [title, *_texts_after_title(paper)]

    def _hits(self, texts: Sequence[_FieldText]) -> _Hits:
        hits: dict[str, list[PhraseHit]] = defaultdict(list)
        for field, _, tokens in texts:
            for phrase, mention in self._book.best_mentions(tokens).items():
                matched = mention.quoted_from(tokens)
                hits[phrase].append(PhraseHit(field, matched, mention.score))
        if hits:
            for phrase, hit in list(self._hits_by_definition(texts, hits)):
                hits[phrase].append(hit)
        return hits

    def _hits_by_definition(
        self, texts: Sequence[_FieldText], hits: _Hits
    ) -> Iterator[tuple[str, PhraseHit]]:
        """Hits by a short name that the paper defines, or by its long form there.

        Only in fields that do not mention the phrase itself.
        """
        defined = (
            definition for _, text, _ in texts for definition in definitions(text, self._may_name)
        )
        for definition in defined:
            for name, other in (definition, reversed(definition)):
                for phrase, score in self._phrases_named(name):
                    with_hits = {hit.field for hit in hits.get(phrase, ())}
                    for field, text, tokens in texts:
                        may_mention = field not in with_hits and _contains_prefix(other, text)
                        if may_mention and (mention := _mention(other, score, tokens)):
                            yield phrase, PhraseHit(field, *mention)

    def _may_name(self, short: str, end: str) -> bool:
        """Whether a short name may be a mention of a phrase, or a text that ends with `end`."""
        if self._phrases_named(short):
            return True
        last = end[end.rstrip().rfind(" ") + 1 :].rstrip()
        # The usual case needs no tokenizing.
        words = [last] if last.isascii() and last.isalnum() else TokenizedText(last).words
        return not words or self._book.may_have_part(words[-1])

    def _find_phrases_named(self, text: str) -> list[tuple[str, int]]:
        """The phrases of which the complete text is a mention, with the scores."""
        if text.isascii() and text.isalnum() and not self._book.may_begin_phrase(text):
            return []
        tokens = TokenizedText(text)
        return [
            (phrase, mention.score)
            for phrase, mention in self._book.mentions_at_start(tokens).items()
            if mention.last == len(tokens.words)
        ]


def _contains_prefix(name: str, text: str) -> bool:
    """Whether a text contains the first letters of a name: a cheap test before the search."""
    return name[:_PREFIX].casefold() in text.casefold()


_phrasebook_of = lru_cache(1024)(lambda text: Phrasebook([text]))


def _mention(name: str, score: int, tokens: TokenizedText) -> tuple[str, int] | None:
    mention = _phrasebook_of(name).mentions(tokens).get(name)
    return mention and (mention.quoted_from(tokens), min(score, mention.score))


def _field_texts(paper: Paper) -> list[_FieldText]:
    return [_title_text(paper), *_texts_after_title(paper)]


def _title_text(paper: Paper) -> _FieldText:
    text = readable(paper.title)
    return _FieldText("title", text, TokenizedText(text))


def _texts_after_title(paper: Paper) -> list[_FieldText]:
    texts: list[tuple[Field, str]] = []
    if paper.abstract:
        texts.append(("abstract", readable(paper.abstract)))
    if paper.keywords:
        texts.append(("keywords", "; ".join(paper.keywords)))
    return [_FieldText(field, text, TokenizedText(text)) for field, text in texts]


def _judge(topic: Topic, paper: Paper, hits: _Hits) -> Verdict:
    required = topic.any + topic.all
    by_phrase = {
        phrase: phrase_matches
        for phrase in required + topic.none
        if phrase in hits and (phrase_matches := _phrase_matches(topic, phrase, hits[phrase]))
    }
    people = (*_author_matches(topic, paper), *_organization_matches(topic, paper))
    categories = tuple(_category_matches(topic, paper))
    phrases = (match for phrase in required for match in by_phrase.get(phrase, ()))
    matches = _with_counts([*phrases, *people])
    if not matches or _only_categories(topic):
        matches += categories
    excluded = next((by_phrase[phrase][0] for phrase in topic.none if phrase in by_phrase), None)
    outside = () if categories else topic.categories
    return Verdict(
        topic.name,
        tuple(dict.fromkeys(sorted(matches, key=attrgetter("order")))),
        tuple([phrase for phrase in required if phrase not in by_phrase]),
        excluded,
        outside,
        (_is_satisfied(topic, by_phrase) or bool(people)) and not excluded and not outside,
        () if people else topic.authors + topic.organizations,
    )


def _with_counts(matches: list[Match]) -> list[Match]:
    """The same matches, each with the number of phrases, authors and organizations in all."""
    number = len({match.phrase for match in matches})
    return [match._replace(phrases=number) for match in matches] if number > 1 else matches


def _is_satisfied(topic: Topic, matched: Collection[str]) -> bool:
    """Whether the matched phrases satisfy `any` and `all` of a topic.

    A topic without phrases is satisfied if it has nothing but categories.
    """
    if not topic.any and not topic.all:
        return _only_categories(topic)
    has_any = not topic.any or any(phrase in matched for phrase in topic.any)
    return has_any and all(phrase in matched for phrase in topic.all)


def _phrase_matches(topic: Topic, phrase: str, hits: Iterable[PhraseHit]) -> list[Match]:
    matches = [Match(topic.name, phrase, *hit) for hit in hits if hit.score >= topic.threshold]
    return sorted(matches, key=attrgetter("order")) if len(matches) > 1 else matches


def _author_matches(topic: Topic, paper: Paper) -> Iterator[Match]:
    for name in topic.authors:
        for author in paper.authors:
            score = name_score(name, author)
            if score and score >= topic.threshold:
                yield Match(topic.name, name, "authors", readable(author), score)


def _organization_matches(topic: Topic, paper: Paper) -> Iterator[Match]:
    for name in topic.organizations:
        if paper.organization and (score := organization_score(name, paper.organization)):
            yield Match(topic.name, name, "organization", paper.organization, score)


def _category_matches(topic: Topic, paper: Paper) -> Iterator[Match]:
    """Each category of a topic that the paper has; an archive ("cs") contains its categories."""
    for required in topic.categories:
        for category in paper.categories:
            if f"{category}.".casefold().startswith(f"{required}.".casefold()):
                yield Match(topic.name, required, "categories", category, EXACT)


def _only_categories(topic: Topic) -> bool:
    other_rules = topic.any or topic.all or topic.authors or topic.organizations
    return bool(topic.categories) and not other_rules
