"""Ranking papers by what a reader starred and hid."""

from collections import Counter

import pytest

from papertrack.models import Paper
from papertrack.searching.features import features, spelled_features, word_counts
from papertrack.searching.recommending import Ranking, learn_word_vectors, represent

WORDS = {
    "quantum": "entangled qubits of a superconducting processor decohere in cold cavities",
    "robots": "legged robots learn grasping with tactile sensors and reward shaping",
    "soil": "microbes in wet soil release methane after warm winters",
    "law": "courts cite precedents that judges wrote under older statutes",
}


def paper(subject, number, **more):
    """A paper with most of the words of a subject, which differ from number to number."""
    words = WORDS[subject].split()
    del words[number % len(words)]
    title = f"{subject} study{number} by method{number}"
    return Paper(f"2603.{number:05}", title, abstract=" ".join(words), **more)


OTHERS = [
    paper(subject, 100 * group + number)
    for group, subject in enumerate(WORDS, 1)
    for number in range(12)
]


def ranking(starred, hidden=(), others=OTHERS, **more):
    known = represent(learn_word_vectors([*starred, *hidden, *others]))
    return Ranking(starred, hidden, others, known, **more)


def ranked(starred, hidden=(), others=OTHERS):
    return ranking(starred, hidden, others).best([paper.id for paper in others], None)


def subjects(recommendations, number):
    groups = [int(item.id[-5:]) // 100 for item in recommendations[:number]]
    return Counter(list(WORDS)[group - 1] for group in groups)


def test_papers_like_the_starred_ones_come_first():
    assert subjects(ranked([paper("soil", 1), paper("soil", 2)]), 12) == {"soil": 12}


def test_a_single_starred_paper_is_enough():
    assert subjects(ranked([paper("law", 3)]), 12) == {"law": 12}


def test_hidden_papers_push_similar_papers_down():
    mixed = [
        Paper(f"2603.{900 + number:05}", f"Field notes {place}", abstract=f"wet soil {place}")
        for number, place in enumerate(["courts judges"] * 3 + ["valley rivers"] * 3)
    ]
    others, starred = [*OTHERS, *mixed[1:]], [paper("soil", 1), paper("soil", 2), mixed[0]]
    hidden = [paper("law", number) for number in range(4, 9)]
    with_hidden, without = (
        {item.id: item.score for item in ranked(starred, group, others)} for group in (hidden, ())
    )
    assert with_hidden[mixed[1].id] < without[mixed[1].id]


def test_a_small_interest_is_not_drowned():
    starred = [*(paper("robots", number) for number in range(9)), paper("soil", 20)]
    best = ranked(starred)
    assert subjects(best, 24) == {"robots": 12, "soil": 12}


def test_the_order_of_the_papers_does_not_matter():
    starred, hidden = [paper("soil", 1), paper("law", 2)], [paper("robots", 3), paper("law", 4)]
    assert ranked(starred, hidden) == ranked(starred[::-1], hidden[::-1], OTHERS[::-1])


def test_near_duplicates_of_a_starred_paper_count_once():
    copies = [paper("soil", 1)._replace(id=f"2603.0005{number}") for number in range(9)]
    once = ranking([copies[0], paper("law", 2)])
    often = ranking([*copies, paper("law", 2)])
    assert often.profile().starred == once.profile().starred == ("2603.00002", "2603.00050")


def test_repeating_the_words_of_a_reader_does_not_win():
    stuffed = Paper("2603.00999", "soil", abstract="soil methane " * 500)
    best = ranked([paper("soil", 1), paper("soil", 2)], (), [*OTHERS, stuffed])
    assert best[0].id != stuffed.id


def test_each_paper_has_its_reasons():
    others = [*OTHERS, paper("robots", 301, authors=("Ada Lovelace",))._replace(id="2603.00600")]
    starred = [
        paper("robots", 1, authors=("Ada Lovelace",)),
        paper("robots", 2, authors=("Ada Lovelace",)),
        paper("soil", 3),
    ]
    by_id = {item.id: item.reasons for item in ranked(starred, (), others)}
    assert "by Ada Lovelace" in by_id["2603.00600"].words
    assert set(by_id["2603.00600"].papers) == {"2603.00001", "2603.00002"}
    assert by_id["2603.00301"].papers[0] == "2603.00003"


def _reasons(starred, text):
    """The words for a paper with a text."""
    asked = Paper("2603.00800", text)
    best = ranked(starred, (), [*OTHERS, asked])
    return next(item.reasons.words for item in best if item.id == asked.id)


def test_of_five_starred_papers_two_have_what_is_a_reason():
    starred = [paper(subject, number) for number, subject in enumerate(WORDS)]
    starred.append(paper("soil", 4, keywords=("zebra stripes",)))
    once = _reasons(starred, "Zebra stripes in wet soil")
    starred[0] = starred[0]._replace(keywords=("zebra stripes",))
    twice = _reasons(starred, "Zebra stripes in wet soil")
    assert ("zebra" in once, "zebra" in twice) == (False, True)
    assert "zebra" in _reasons(starred[-1:], "Zebra stripes in wet soil")


def test_function_words_are_no_reasons_neither_alone_nor_in_a_pair():
    starred = [paper("soil", number, keywords=("few", "lava while", "next")) for number in range(6)]
    words = _reasons(starred, "Lava while few, next to lava while others")
    assert set(words) == {"lava"}


def test_a_word_of_all_papers_is_no_reason():
    others = [other._replace(keywords=("common ground",)) for other in OTHERS]
    starred = [paper("soil", number, keywords=("common ground",)) for number in range(6)]
    words = {word for item in ranked(starred, (), others) for word in item.reasons.words}
    assert words
    assert not {"common", "ground", "common ground"} & words


def test_papers_without_a_word_in_common_have_no_reasons():
    stranger = Paper("2603.00700", "Xyzzyx frobnication")  # words that arXiv does not have
    last = ranked([paper("soil", 1)], (), [*OTHERS, stranger])
    reasons = next(item for item in last if item.id == stranger.id)
    assert (reasons.score, *reasons.reasons) == (0.0, (), (), ())


@pytest.mark.parametrize("starred", [[Paper("2603.00001", "")], [Paper("2603.00001", "The of")]])
def test_a_starred_paper_without_words_ranks_nothing_higher(starred):
    assert {item.score for item in ranked(starred)} == {0.0}


def test_without_other_papers_nothing_is_ranked():
    assert ranked([paper("soil", 1)], (), []) == []


def counted(text):
    """The features of a paper as it has them, with their numbers."""
    names = dict(spelled_features(text))
    return {names[key]: number for key, number in features(text).items()}


def test_features_are_words_pairs_and_authors():
    text = Paper("1", "Policies of the robots", abstract="Robot policy 2020", authors=("Ö Zed",))
    assert counted(text) == {"policy": 2, "robot": 2, "robot policy": 1, "by Ö Zed": 1}


def test_a_pair_in_the_other_order_is_another_feature():
    first, second = (features(Paper("1", title)) for title in ("wet soil", "soil wet"))
    assert set(first.words) == set(second.words)
    assert not set(first.pairs) & set(second.pairs)


def test_pairs_of_words_end_with_a_sentence():
    text = Paper("1", "Wet soil: methane", abstract="Rain falls. Mud, it is; robots dig 3.5 holes!")
    pairs = {name for name in counted(text) if " " in name}
    assert pairs == {"wet soil", "rain falls", "robots dig"}


def test_more_than_255_mentions_count_as_255():
    assert counted(Paper("1", "soil " * 300)) == {"soil": 255, "soil soil": 255}


@pytest.mark.parametrize(
    ("word", "singular"),
    [
        ("studies", "study"),
        ("models", "model"),
        ("cases", "case"),
        ("loss", "loss"),
        ("corpus", "corpus"),
        ("gas", "gas"),
    ],
)
def test_plural_endings_do_not_count(word, singular):
    assert word_counts(Paper("1", word)) == {singular: 1}
    assert features(Paper("1", word)) == features(Paper("2", singular))


def _copies(original, number, first):
    """Papers with other titles and a text that differs in a word from that of a paper."""
    words = original.abstract.split()
    return [
        Paper(
            f"2603.{first + index:05}",
            f"Copy {'abcdefghij'[index]}",
            abstract=" ".join([*words[:index], f"altered{index}", *words[index + 1 :]]),
        )
        for index in range(number)
    ]


LONG = Paper(
    "2603.00001",
    "Methane from soils",
    abstract=" ".join([WORDS["soil"], *(f"plot{number}" for number in range(30))]),
)


def test_near_duplicates_of_a_starred_a_hidden_or_a_read_paper_come_last():
    others = [*OTHERS, *_copies(LONG, 9, 950)]
    ids, copies = [other.id for other in others], {other.id for other in others[len(OTHERS) :]}
    soil = [paper("soil", 1), paper("soil", 2)]
    for made in (
        ranking([LONG], (), others),
        ranking(soil, [LONG], others),
        ranking(soil, (), others, read=[LONG]),
    ):
        best = [item.id for item in made.best(ids, None)]
        assert len(best) == len(others)
        assert set(best[-9:]) == copies


def test_of_near_duplicates_the_best_keeps_its_place():
    copies = _copies(LONG, 9, 950)
    best = [item.id for item in ranked([paper("soil", 1)], (), [*OTHERS, *copies])]
    first, *others = sorted(best.index(copy.id) for copy in copies)
    assert first < len(OTHERS)
    assert others == list(range(len(OTHERS) + 1, len(OTHERS) + 9))


def test_a_paper_with_the_title_of_a_starred_one_comes_last():
    again = Paper("doi:10.1/x", "METHANE from  Soils", abstract="wet soil release methane")
    short = Paper("2603.00951", "Soil", abstract="wet soil release methane")
    starred = [LONG, short._replace(id="2603.00002")]
    best = [item.id for item in ranked(starred, (), [*OTHERS, again, short])]
    assert best[-1] == again.id
    assert best.index(short.id) < len(OTHERS) // 2
