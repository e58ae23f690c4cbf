"""Where the words of a text say a phrase, and where they only look like it."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from papertrack.matching.phrases import Phrasebook, score_of
from papertrack.matching.words import TokenizedText, normal_form


def said(phrase, text):
    wording = TokenizedText(text)
    mention = Phrasebook([phrase]).mentions(wording).get(phrase)
    return mention and wording.text_between(mention.first, mention.last)


@pytest.mark.parametrize("phrase", ["fine-tuning", "fine tuning", "finetuning"])
@pytest.mark.parametrize(
    "text", ["Fine-Tuning", "fine\n  tuning", "FINETUNING", "fine\u2013tuning"]
)
def test_hyphen_space_line_end_and_joined_are_one(phrase, text):
    assert said(phrase, f"We study {text} here.") == " ".join(text.split())


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("text-to-image", "a text to image model"),
        ("pre-trained", "pretrained weights"),
        ("in-context learning", "incontext learning"),
        ("self-supervised learning", "SelfSupervisedLearning"),
        ("data set", "large datasets"),
        ("vision transformer", "VisionTransformers"),
        ("time series forecasting", "timeseries forecasting"),
        ("3D reconstruction", "3-D reconstruction"),
        ("GPT-4", "with GPT4"),
        ("Schr\u00f6dinger bridge", 'a Schr\\"odinger bridge'),
        ("Parkinson's disease", "Parkinson disease"),
        ("knowledge distillation", "Knowledge Distillation's cost"),
        ("language modeling", "language modelling"),
        ("caf\u00e9 scenes", "cafe scene"),
        ("C. elegans", "the worm C. elegans"),
    ],
)
def test_other_spellings_of_the_phrase_are_found(phrase, text):
    assert said(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("information", "in formation flight"),
        ("invariant", "as in variant A"),
        ("point cloud", "until that point. Cloud storage"),
        ("vision-language", "speech, vision, language"),
        ("object detection", "detection of an object"),
        ("graph neural network", "a graph and a neural network"),
        ("robotics", "a robotic arm"),
        ("news recommendation", "a new recommendation"),
        ("unsupervised learning", "supervised learning"),
    ],
)
def test_other_meanings_are_not(phrase, text):
    assert said(phrase, text) is None


@pytest.mark.parametrize(
    ("phrase", "text", "words"),
    [
        ("diffusion model", "Diffusion Language Models", 1),
        ("self-supervised learning", "self-supervised speech representation learning", 2),
        ("preference optimization", "preference-based optimization", 1),
        ("vision-language", "vision-and-language navigation", 1),
        ("graph neural network", "graph attention neural message network", 2),
    ],
)
def test_words_between_cost_some_of_the_score(phrase, text, words):
    (mention,) = Phrasebook([phrase]).mentions(TokenizedText(text)).values()
    assert mention.score == score_of(0, 1, words) < 100
    assert Phrasebook([phrase]).mentions(TokenizedText(phrase))[phrase].score == 100


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("graph neural network", "graph and neural networks"),
        ("object detection", "objects for detection"),
        ("diffusion model", "diffusion (a language) model"),
        ("diffusion model", "diffusion, language model"),
        ("diffusion model", "diffusion one two three four model"),
        ("self-supervised", "self very supervised"),
        ("vision-language", "vision or language"),
    ],
)
def test_only_few_words_that_belong_to_a_phrase_may_stand_within_it(phrase, text):
    assert said(phrase, text) is None


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("retriev*", "Retrieved texts", "Retrieved"),
        ("retriev* augment*", "retrieval-augmented", "retrieval-augmented"),
        ("*former", "vision transformers", "transformers"),
        ("language * agent", "language model agents", "language model agents"),
        ("language * agent", "language agents", None),
        ("retriev*", "a retry", None),
        ("* learning", "deep learning", "learning"),
        ("*", "anything", None),
    ],
)
def test_a_star_stands_for_any_word_or_the_rest_of_one(phrase, text, found):
    assert said(phrase, text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a Point Cloud", "Point Cloud"),
        ("point-cloud", "point-cloud"),
        ("point clouds", None),
        ("pointcloud", None),
        ("point cluod", None),
        ("point set cloud", None),
    ],
)
def test_what_is_in_quotes_is_meant_as_it_stands(text, found):
    assert said('"point cloud"', text) == found


@pytest.mark.parametrize(
    ("acronym", "text"),
    [
        ("RAG", "coverage, storage and fragments"),
        ("LoRA", "exploration of flora"),
        ("ViT", "activity, vital"),
        ("RL", "world, URL, R-L circuits"),
        ("GAN", "organ, began"),
        ("AIDS", "a hearing aid"),
        ("GP", "by GPS"),
        ("BERT", "bertt"),
    ],
)
def test_acronyms_are_never_found_inside_or_beside_words(acronym, text):
    assert said(acronym, text) is None


@pytest.mark.parametrize(
    ("acronym", "text"),
    [
        ("RAG", "rag"),
        ("RAG", "RAG-based"),
        ("LoRA", "LoRAs"),
        ("RL", "deep RL"),
        ("LM", "two LMs"),
        ("LLMs", "an LLM"),
        ("LLM", "MANY LLMS"),
        ("AIDS", "AIDS"),
        ("multi-agent RL", "multiagent RL"),
    ],
)
def test_acronyms_are_found_as_words_in_any_case_and_in_the_plural(acronym, text):
    assert said(acronym, text)


def test_a_typo_is_found_and_shown_as_it_stands():
    assert said("diffusion model", "new difusion\nmodels") == "difusion models"
    assert said("fine-tuning", "by finetunning") == "finetunning"


def test_an_exact_mention_is_better_than_an_earlier_typo():
    assert said("object detection", "object detecton or Object Detection") == "Object Detection"


def test_the_score_falls_with_the_share_of_wrong_letters():
    assert [score_of(0, 6), score_of(1, 6), score_of(2, 10), score_of(1, 17)] == [100, 91, 90, 97]


@pytest.mark.parametrize("phrase", ["", "...", "$\\_$"])
def test_a_phrase_without_words_is_never_said(phrase):
    assert said(phrase, "any ... text $\\_$") is None


WORDS = st.lists(st.from_regex("[a-z]{3,9}", fullmatch=True), min_size=1, max_size=4)


@given(WORDS, st.sampled_from([" ", "-", "\n"]))
def test_every_phrase_finds_itself_however_divided(words, between):
    text = between.join(words)
    assert said(" ".join(words), f"? {text} ?") == " ".join(text.split())


@given(WORDS)
def test_every_phrase_finds_itself_written_as_one_word(words):
    joined = "".join(words)
    # A plural, or a British ending, within a word is a part of that word.
    assume(normal_form(joined) == "".join(map(normal_form, words)))
    assert said(" ".join(words), f"? {joined} ?") == joined


@given(st.text(), st.text())
def test_any_phrase_meets_any_text(phrase, text):
    Phrasebook([phrase]).mentions(TokenizedText(text))


@given(WORDS, WORDS)
def test_what_else_is_watched_changes_nothing(one, other):
    text = TokenizedText(" ".join(one + other))
    alone = Phrasebook([" ".join(one)]).mentions(text)
    together = Phrasebook([" ".join(one), " ".join(other)]).mentions(text)
    assert alone.items() <= together.items()


def test_a_phrase_is_found_however_many_words_were_read_before():
    book = Phrasebook(["graph network"])
    for start in range(0, 140_000, 20_000):
        text = TokenizedText(" ".join(f"q{number}z" for number in range(start, start + 20_000)))
        assert not book.mentions(text)
        assert book.mentions(TokenizedText("one graph network")).keys() == {"graph network"}
