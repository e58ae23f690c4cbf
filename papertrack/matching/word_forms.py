"""The forms of words that watched phrases can contain, computed once for each word."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import takewhile
from typing import NamedTuple

from papertrack.matching.phrase import SHORT, WILDCARD, matches_wildcard
from papertrack.matching.typos import TypoFinder
from papertrack.matching.vocabulary import is_known
from papertrack.matching.words import forms_as_written, may_change_start
from papertrack.text import fold_word

_RUN = 4  # letters
_MAX_CACHED = 65_536  # words, about 10 MB

# The forms that a word may be a spelling of, each with the number of wrong letters.
Forms = tuple[tuple[str, int], ...]


class PhraseStart(NamedTuple):
    """How phrases continue after a word that begins them.

    `complete` is true if the word alone is a phrase; `following` has the cached words that continue
    such a phrase.
    """

    complete: bool
    following: set[str]


class WordForms:
    """A cache of the forms of words, for the phrases with these keys.

    `forms` has the forms of each word that may be part of a phrase: its normal form, and the
    watched words that it may be a typo of. `starts` has the words that begin a phrase.
    """

    def __init__(
        self,
        keys: Collection[str],
        beginnings: Collection[str],
        watched: Mapping[str, str],
        wildcards: Iterable[str],
    ) -> None:
        self._keys, self._beginnings, self._normal = sorted(keys), beginnings, watched
        self._wildcards = tuple(sorted(wildcards))
        self._typos = TypoFinder(word for word in watched if WILDCARD not in word)
        self._letters = letters = "\n".join(keys)
        self._offsets: dict[str, list[int]] = defaultdict(list)
        for at, run in enumerate([letters[at : at + _RUN] for at in range(len(letters))]):
            self._offsets[run].append(at)
        self._runs = set(self._offsets)  # and all that they begin with
        shorter = self._runs
        for length in range(_RUN - 1, 0, -1):
            shorter = {run[:length] for run in shorter}
            self._runs |= shorter
        self._clear()

    def _clear(self) -> None:
        self.forms: dict[str, Forms] = {}
        self.starts: dict[str, PhraseStart] = {}
        self._added: set[str] = set()
        # By the first letters of a form, up to _RUN of them: the words with the form, and what may
        # follow a start, with the words that do.
        self._words_by_run: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._awaiting: dict[str, list[tuple[str, set[str]]]] = defaultdict(list)
        self._starts_by_forms: dict[tuple[str, ...], PhraseStart] = {}

    def start_of(self, *forms: str) -> PhraseStart:
        """Return how the phrases that begin with any of these forms continue."""
        if forms not in self._starts_by_forms:
            self._starts_by_forms[forms] = self._new_start(forms)
        return self._starts_by_forms[forms]

    def add(self, words: Iterable[str]) -> None:
        """Compute the forms of those words that are not cached."""
        new = set(words) - self._added
        self._added |= new
        for word in self._possible_parts(new):
            if forms := self._forms_of(word):
                self.forms[word] = forms
                self._register(word, [form for form, _ in forms])

    def trim(self) -> None:
        """Clear a cache that became too large; words that match nothing are removed first."""
        if len(self.forms) > _MAX_CACHED // 2:
            self._clear()
        elif len(self._added) > _MAX_CACHED:
            self._added = set(self.forms)

    def _possible_parts(self, words: set[str]) -> Iterable[str]:
        """The words that may be part of a phrase, by a cheap test that excludes most words.

        It compares the first letters, which inflections and British spellings rarely change.
        """
        if self._wildcards:
            return words
        runs, may_be_typo = self._runs, self._typos.may_be_typo
        return [
            word
            for word in words
            # Two letters of up to three, three of up to five, and four of longer words.
            if (low := word.lower())[: 4 if low[5:] else 3 if low[3:] else 2] in runs
            or may_change_start(low)
            or (may_be_typo(low) and not is_known(low))
            or not (word.isascii() and word.isalpha())
        ]

    def _forms_of(self, word: str) -> Forms:
        folded = fold_word(word)
        edits_by_form = {form: 0 for form in forms_as_written(word) if self._is_part(form)}
        for form in self._wildcards:
            if matches_wildcard(form, folded):
                edits_by_form[form] = 0
        # In words of three letters `singular` keeps the s, but LMs and RLs are plurals.
        if len(folded) == SHORT and folded.endswith("s") and self._is_part(folded[:-1]):
            edits_by_form[folded[:-1]] = 0
        for watched, edits in self._typos.corrections(word, folded).items():
            edits_by_form.setdefault(self._normal[watched], edits)
        return tuple(edits_by_form.items()) if edits_by_form else ()

    def _is_part(self, form: str) -> bool:
        """Whether the key of any phrase contains a form."""
        startswith = self._letters.startswith
        for at in self._offsets.get(form[:_RUN], ()):
            if startswith(form, at):
                return True
        return form in self._runs

    def _register(self, word: str, forms: Iterable[str]) -> None:
        """Record which phrases a word begins and which it continues."""
        for form in forms:
            run = form[:_RUN]
            self._words_by_run[run].append((form, word))
            for rest, following in self._awaiting.get(run, ()):
                if rest.startswith(form):
                    following.add(word)
        if beginnings := [form for form in forms if form in self._beginnings]:
            self.starts[word] = self.start_of(*beginnings)

    def _new_start(self, forms: Iterable[str]) -> PhraseStart:
        following: set[str] = set()
        rests = {rest for form in forms for rest in self._rests(form)}
        for rest in rests:
            for run in {rest[:length] for length in range(1, _RUN + 1) if rest}:
                words = self._words_by_run.get(run, ())
                following.update([word for form, word in words if rest.startswith(form)])
                self._awaiting[run].append((rest, following))
        return PhraseStart("" in rests, following)

    def _rests(self, form: str) -> Iterable[str]:
        """The remaining letters of each key that begins with a form."""
        first = bisect_left(self._keys, form)
        keys = takewhile(lambda key: key.startswith(form), self._keys[first:])
        return [key[len(form) :] for key in keys]
