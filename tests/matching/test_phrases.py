"""Which words of a text mention a phrase, and which are only similar."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from papertrack.matching.phrase import parse_phrase
from papertrack.matching.phrases import Phrasebook, score_of
from papertrack.matching.words import TokenizedText, normal_form
from papertrack.text import readable


def mentioned_words(phrase, text):
    """The words of a text that mention a phrase, None if none do."""
    tokens = TokenizedText(text)
    mention = Phrasebook([phrase]).mentions(tokens).get(phrase)
    return mention and tokens.text_between(mention.first, mention.last)


@pytest.mark.parametrize("phrase", ["fine-tuning", "fine tuning", "finetuning"])
@pytest.mark.parametrize(
    "text", ["Fine-Tuning", "fine\n  tuning", "FINETUNING", "fine\u2013tuning"]
)
def test_a_hyphen_a_space_a_line_end_and_nothing_between_words_are_equal(phrase, text):
    assert mentioned_words(phrase, f"We study {text} here.") == " ".join(text.split())


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
        ("UNet", "a U-Net"),
        ("kNN", "a k-NN classifier"),
        ("KNN", "a k-NN classifier"),
        ("fast kNN", "a fast k-nn search"),
        ("A* search", "heuristics for A* search"),
        ("R@1", "reaches an R@1 of 0.9"),
        ("GPT-3.5", "GPT 3.5 Turbo"),
        ("10,000 steps", "in 10000 steps"),
        ("GPT-4", "with GPT4"),
        ("Schr\u00f6dinger bridge", 'a Schr\\"odinger bridge'),
        ("Parkinson's disease", "Parkinson disease"),
        ("knowledge distillation", "Knowledge Distillation's cost"),
        ("language modeling", "language modelling"),
        ("caf\u00e9 scenes", "cafe scene"),
        ("C. elegans", "the worm C. elegans"),
        ("A.I. safety", "AI-safety"),
        ("AI safety", "A.I. safety"),
        ("NLP", "methods of N.L.P."),
        ("non-IID", "non-i.i.d. data"),
        ("GPT-4", "We use GPT-4. Results"),
        ("GPT-4", "with GPT-4.\n2 models"),
        ("3-bit", "2,3-bit weights"),
        ("Gr\u00f6bner bases", "Groebner bases"),
        ("Groebner bases", "Gr\u00f6bner bases"),
        ("Groebner bases", "Gro\u0308bner bases"),
        ("M\u00fcller matrix", "Mueller matrices"),
        ("S\u00f8rensen index", "Soerensen index"),
        ("text2image", "from text to image"),
        ("text-to-image", "Text2Image models"),
        ("sim2real", "Sim-to-Real transfer"),
        ("Node.js", "with NodeJS"),
        ("NodeJS", "with Node.js"),
        ("0.1-bit", "A .1-bit model"),
        (".1-bit", "A 0.1-bit model"),
        (".1-bit", "A .1-bit model"),
        ("loss of 0.1", "a loss of .1"),
        ("1-bit", "No.1-bit"),
    ],
)
def test_other_spellings_of_a_phrase_match(phrase, text):
    assert mentioned_words(phrase, text)


WIDE_SIGNS = "\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f"  # of Chinese and Japanese


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("information", "in formation flight"),
        ("invariant", "as in variant A"),
        *(("point cloud", f"until that point{sign} Cloud storage") for sign in ".,;:!?"),
        *(("point cloud", f"until that point{sign}Cloud storage") for sign in WIDE_SIGNS),
        ("vision-language", "speech, vision, language"),
        ("object detection", "detection of an object"),
        ("graph neural network", "a graph and a neural network"),
        ("robotics", "a robotic arm"),
        ("news recommendation", "a new recommendation"),
        ("unsupervised learning", "supervised learning"),
        ("IE", "i.e. this"),
        ("EG", "e.g. that"),
        ("US", "the U.S.A."),
        ("GPT-4", "GPT-4.1 and GPT4.5"),
        ("GPT4", "GPT-4.1"),
        ("GPT-4 Turbo", "GPT-4.1 Turbo"),
        ("1-bit", "0.1-bit"),
        ("1-bit", "A .1-bit model"),
        ("1-bit model", "(.1-bit model)"),
        ("0.1-bit", "0.01-bit"),
        (".1-bit", "5.1-bit"),
        ('"0.1-bit"', ".1-bit"),
        ("7B", "1.7B"),
        ("Muller matrix", "Mueller matrix"),
        ("H2O", "H to O"),
    ],
)
def test_similar_words_with_another_meaning_do_not_match(phrase, text):
    assert mentioned_words(phrase, text) is None


@pytest.mark.parametrize(
    ("phrase", "text", "skipped"),
    [
        ("diffusion model", "Diffusion Language Models", 1),
        ("self-supervised learning", "self-supervised speech representation learning", 2),
        ("preference optimization", "preference-based optimization", 1),
        ("vision-language", "vision-and-language navigation", 1),
        ("graph neural network", "graph attention neural message network", 2),
    ],
)
def test_each_skipped_word_lowers_the_score(phrase, text, skipped):
    (mention,) = Phrasebook([phrase]).mentions(TokenizedText(text)).values()
    assert mention.score == score_of(0, 1, skipped) < 100
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
def test_function_words_punctuation_and_too_many_words_are_not_skipped(phrase, text):
    assert mentioned_words(phrase, text) is None


@pytest.mark.parametrize(
    ("phrase", "text", "words"),
    [
        ("retriev*", "Retrieved texts", "Retrieved"),
        ("retriev* augment*", "retrieval-augmented", "retrieval-augmented"),
        ("*former", "vision transformers", "transformers"),
        ("language * agent", "language model agents", "language model agents"),
        ("language * agent", "language agents", None),
        ("retriev*", "a retry", None),
        ("frobnicating*", "frobnicatinq", None),
        ("* learning", "deep learning", "learning"),
        ("*", "anything", None),
    ],
)
def test_a_star_matches_any_word_or_the_rest_of_a_word(phrase, text, words):
    assert mentioned_words(phrase, text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a Point Cloud", "Point Cloud"),
        ("point-cloud", "point-cloud"),
        ("point clouds", None),
        ("pointcloud", None),
        ("point cluod", None),
        ("point set cloud", None),
    ],
)
def test_a_phrase_in_quotes_matches_only_its_exact_words(text, words):
    assert mentioned_words('"point cloud"', text) == words


@pytest.mark.parametrize(
    ("phrase", "text", "words"),
    [
        ("C++", "Fuzzing C++ compilers", "C++"),
        ("C++", "in modern C++17", "C++"),
        ("C++17", "in modern C++17", "C++17"),
        ("C#", "from C# to F#", "C#"),
        ("F# compiler", "an F# compiler", "F# compiler"),
        (".NET", "for .NET code", ".NET"),
        (".NET", "for ASP.NET", ".NET"),
        ('"A*"', "by A* search", "A*"),
        ('"A* search"', "by $A^*$ search", "A* search"),
        ("R@1", "with R@1 of 50", "R@1"),
        ("vision+language", "vision and language", "vision and language"),
        ("PointNet", "with PointNet++", "PointNet"),
        ("PointNet++", "with PointNet++", "PointNet++"),
        ("\u03bb-calculus", "the lambda calculus", "lambda calculus"),
        ("beta-VAE", "a \u03b2-VAE", "\u03b2-VAE"),
        ("k-NN", "kNN and others", "kNN"),
        ("C*-algebra", "a C*-algebra", "C*-algebra"),
        ("GPT-4o", "with GPT 4o", "GPT 4o"),
        ("T5", "by T-5", "T-5"),
        ("C", "vitamin C", "C"),
    ],
)
def test_signs_and_numbers_are_part_of_a_name(phrase, text, words):
    tokens = TokenizedText(readable(text))
    assert Phrasebook([phrase]).mentions(tokens)[phrase].quoted_from(tokens) == words


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("C++", "vitamin C"),
        ("C++", "C. elegans, C#"),
        ("C#", "a compiler for C"),
        ("F#", "a better F-score"),
        (".NET", "a net, from example.net"),
        ('"A* search"', "neural architecture search, a search"),
        ('"Q*"', "question answering by Q"),
        ("C", "C++, C# and C*"),
        ("PointNet++", "with PointNet"),
        ("o1", "in O(1)"),
        ("R1", "with R@1"),
        ("T5", "at t = 5, t=5, t: 5"),
        ("GPT-4", "GPT (4 runs)"),
    ],
)
def test_a_name_with_signs_or_numbers_is_not_its_letters_alone(phrase, text):
    assert mentioned_words(phrase, text) is None


@pytest.mark.parametrize(
    ("phrase", "text", "words"),
    [
        ('"WHO"', "the WHO and who", "WHO"),
        ('"WHO"', "who", None),
        ('"who"', "the WHO", "WHO"),
        ('"WHO guidelines"', "WHO Guidelines", "WHO Guidelines"),
        ('"WHO guidelines"', "who guidelines", None),
        ('"R"', "in r", None),
        ('"vitamin C"', "Vitamin c", "Vitamin c"),
        ("WHO", "who", "who"),
        ('"A.I."', "Texts about A.I", "A.I"),
        ('"A.I"', "an A.I. text", "A.I."),
        ('"A.I."', "an ai text", None),
    ],
)
def test_capitals_in_quotes_are_asked_for(phrase, text, words):
    assert mentioned_words(phrase, text) == words


@pytest.mark.parametrize(
    ("phrase", "text", "words"),
    [
        ("扩散模型", "基于扩散模型的图像生成", "扩散模型"),
        ("扩散模型", "基于扩散\n模型的图像生成", "扩散 模型"),
        ("画像生成", "拡散モデルによる画像生成", "画像生成"),
        ("モデル", "言語モデル入門", "モデル"),
        ("ガイド", "カ\u3099イト\u3099付き", "カ\u3099イト\u3099"),
        ("확산모델", "확산모델을 이용한 생성", "확산모델"),
        ("확산 모델", "새확산모델은", "확산모델"),
        ("LLM", "使用LLM的方法", "LLM"),
        ("LLM", "LLM을 이용한", "LLM"),
        ("大模型 LLM", "基于大模型LLM的", "大模型LLM"),
        ("เรียนรู้", "การเรียนรู้เชิงลึก", "เรียนรู้"),
        ("न्यूरल नेटवर्क", "एक न्यूरल नेटवर्क है", "न्यूरल नेटवर्क"),
        ("شبكة عصبية", "بناء شبكة عصبية عميقة", "شبكة عصبية"),
        ("عِلْم", "في عِلْم الحاسوب", "عِلْم"),
        ("علم", "في عِلْم الحاسوب", "عِلْم"),
        ("عِلْم", "في علـــم الحاسوب", "علـــم"),
        ("שלום", "שָׁלוֹם עולם", "שָׁלוֹם"),
        ("зелёный", "в зеленый", "зеленый"),
    ],
)
def test_phrases_are_found_in_every_script(phrase, text, words):
    assert mentioned_words(phrase, text) == words


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("扩散模型", "扩散。模型"),
        ("扩散模型", "扩散、模型"),
        ("扩散模型", "扩散大模型"),
        ("कि", "की"),
        ("नेट", "नेटवर्क"),
        ("เรียน", "เรียนิ"),
        ("عصب", "عصبية"),
        ("мой", "мои"),
        ("ガイド", "カイト"),
    ],
)
def test_other_vowel_signs_and_parts_of_words_do_not_match(phrase, text):
    assert mentioned_words(phrase, text) is None


@pytest.mark.parametrize(
    ("acronym", "text"),
    [
        ("RAG", "coverage, storage and fragments"),
        ("LoRA", "exploration of flora"),
        ("ViT", "activity, vital"),
        ("RL", "world, URL, R-L circuits"),
        ("UNet", "the U net"),
        ("fast kNN", "a fast kn-n search"),
        ("O(1)", "OpenAI o1"),
        ("R@1", "DeepSeek R1"),
        ("GPT-3.5", "GPT-35"),
        ("Qwen2.5", "Qwen 25"),
        ("R&D", "the RD curve"),
        ("GAN", "organ, began"),
        ("AIDS", "a hearing aid"),
        ("GP", "by GPS"),
        ("BERT", "bertt"),
    ],
)
def test_an_acronym_does_not_match_parts_of_words_or_similar_words(acronym, text):
    assert mentioned_words(acronym, text) is None


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
def test_an_acronym_matches_a_word_in_any_case_and_in_the_plural(acronym, text):
    assert mentioned_words(acronym, text)


def test_a_typo_matches_and_is_reported_as_written():
    assert mentioned_words("diffusion model", "new difusion\nmodels") == "difusion models"
    assert mentioned_words("fine-tuning", "by finetunning") == "finetunning"


def test_an_exact_mention_is_preferred_to_an_earlier_typo():
    assert (
        mentioned_words("object detection", "object detecton or Object Detection")
        == "Object Detection"
    )


def test_the_score_falls_with_the_share_of_wrong_letters():
    assert [score_of(0, 6), score_of(1, 6), score_of(2, 10), score_of(1, 17)] == [100, 91, 90, 97]


@pytest.mark.parametrize("phrase", ["", "...", "$\\_$"])
def test_a_phrase_without_words_never_matches(phrase):
    assert mentioned_words(phrase, "any ... text $\\_$") is None


WORDS = st.lists(st.from_regex("[a-z]{3,9}", fullmatch=True), min_size=1, max_size=4)


@given(WORDS, st.sampled_from([" ", "-", "\n"]))
def test_every_phrase_matches_itself_with_any_separator(words, separator):
    text = separator.join(words)
    assert mentioned_words(" ".join(words), f"? {text} ?") == " ".join(text.split())


@given(WORDS)
def test_every_phrase_matches_itself_written_as_one_word(words):
    joined = "".join(words)
    # Plurals and British endings are only normalized at the end of a word.
    assume(normal_form(joined) == "".join(map(normal_form, words)))
    assert mentioned_words(" ".join(words), f"? {joined} ?") == joined


@given(st.text(), st.text())
def test_any_phrase_can_be_searched_for_in_any_text(phrase, text):
    Phrasebook([phrase]).mentions(TokenizedText(text))


@given(WORDS, WORDS)
def test_other_watched_phrases_do_not_change_the_mentions_of_a_phrase(words, other_words):
    tokens = TokenizedText(" ".join(words + other_words))
    phrase, other = " ".join(words), " ".join(other_words)
    alone = Phrasebook([phrase]).mentions(tokens)
    together = Phrasebook([phrase, other]).mentions(tokens)
    assert alone.items() <= together.items()


@pytest.mark.parametrize("typo", ["sarsebase", "sarsebasis"])
def test_a_phrase_joined_with_a_typo_matches_in_each_likely_form(typo):
    assert Phrasebook(["sparse bases"]).mentions(TokenizedText(typo)).keys() == {"sparse bases"}


def test_a_rare_plural_has_every_singular_and_a_common_one_only_those_that_are_words():
    assert mentioned_words("graph quazoxes", "a graph quazoxis")
    assert mentioned_words("graph reflexes", "a graph reflexis") is None


def test_a_phrase_of_many_ambiguous_words_is_compared_in_at_most_twelve_forms():
    forms = [len(parse_phrase(" ".join(["bases"] * words)).phrases) for words in range(1, 6)]
    assert forms == [2, 4, 8, 12, 12]


def test_a_phrase_matches_after_the_word_cache_was_cleared():
    """Words that match nothing are removed first, then the others, too."""
    for wildcard in ([], ["q*"]):
        book = Phrasebook(["graph network", *wildcard])
        for start in range(0, 80_000, 20_000):
            words = (f"q{number}z" for number in range(start, start + 20_000))
            book.mentions(TokenizedText(" ".join(words)))
            assert "graph network" in book.mentions(TokenizedText("one graph network"))
            assert len(book.words.forms) < 60_000


class _CountingBook(Phrasebook):
    looked_up = 0

    def _forms_at(self, index, words):
        self.looked_up += 1
        return super()._forms_at(index, words)


@pytest.mark.parametrize(
    ("phrase", "repeated"),
    [
        ("agents * model", "agents "),
        ("agents * * * * * model", "agents "),
        ("a* a* a* a* a* model", "agents "),
        (" ".join(["agents"] * 20), "agents "),
        (" ".join(["agents"] * 19 + ["model"]), "agents "),
        ("large language model agents", "large language model "),
    ],
)
def test_the_work_grows_no_faster_than_text_and_phrase(phrase, repeated):
    def work(repetitions):
        book = _CountingBook([phrase])
        book.mentions(TokenizedText(repeated * repetitions))
        return book.looked_up

    once, twice = work(200), work(400)
    assert twice <= 2.1 * once
    assert once <= 200 * len(phrase.split()) * 4 * 3 + 200  # places skipped, and ways


@pytest.mark.parametrize(
    ("phrase", "text", "words"),
    [
        ("\u597d" * 20, "\u597d" * 9000, "\u597d" * 20),
        ("aa " * 20, "aa " * 9000, "aa " * 19 + "aa"),
        ("aa aa bb", "aa. " * 900 + "aa aa bb", "aa aa bb"),
        ("aa aa", "aa. " * 900 + "aa aa.", "aa aa"),
        ("aa aa", "aa. aa, " * 900 + "aa-aa, aa aa", "aa-aa"),
        ("aa C++", "aa C " * 900 + "aa C++", "aa C++"),
        (".NET aa", "NET aa " * 900 + ".NET aa NET aa", ".NET aa"),
        ("aa bb cc", "aa x bb " * 900 + "aa bb x cc", "aa bb x cc"),
    ],
)
def test_a_text_that_repeats_the_words_of_a_phrase_is_read_to_its_end(phrase, text, words):
    """Quickly, as equal parts of a text are compared with the phrase only once."""
    mention = Phrasebook([phrase]).mentions(tokens := TokenizedText(text))[phrase]
    assert mention.quoted_from(tokens) == words


def test_words_that_begin_no_mention_take_no_long_time():
    assert mentioned_words("aa " * 20 + "bb", "aa " * 9000) is None
