"""Which parts of a text are highlighted, and which sentence is quoted."""

import pytest

from papertrack.highlighting import excerpt, occurrences, spans


def marked(text, found):
    return [text[start:end] for start, end in found]


@pytest.mark.parametrize(
    ("text", "words", "parts"),
    [
        ("Graphs and a graph", {"graph"}, ["graph"]),
        ("基于扩散模型的模拟图", set("扩散模型"), ["扩散模型"]),
        ("使用LLM的", {"llm"}, ["LLM"]),
        ("的LLM模型", {"模"}, ["模"]),
        ("हिन्दी की", {"की"}, ["की"]),
        ("عِلْم الحاسوب", {"علم"}, ["عِلْم"]),
        ("שָׁלוֹם", {"שלום"}, ["שָׁלוֹם"]),
        ("A.I. in a lab, AI", {"ai"}, ["A.I.", "AI"]),
        ("การเรียนรู้", {"รู้", "ย", "น"}, ["ยนรู้"]),
        ("A ½ or ¼", {"1", "2", "a"}, ["A", "½"]),
        ("On ﷺ here", {"صلى", "الله", "عليه", "وسلم"}, ["ﷺ"]),
    ],
)
def test_words_are_highlighted_in_every_script(text, words, parts):
    assert marked(text, spans(text, words)) == parts


@pytest.mark.parametrize(
    ("text", "phrase", "parts"),
    [
        ("Graph, paragraph, graphs", "graph", ["Graph"]),
        ("C++, C, Cat", "C++", ["C++"]),
        ("GPT-4.1 is not GPT-4.", "GPT-4", ["GPT-4"]),
        ("0.1-bit, 1-bit", "1-bit", ["1-bit"]),
        (".1-bit or .1-bit (.1-bit), 1-bit", "1-bit", ["1-bit"]),
        ("No.1-bit", "1-bit", ["1-bit"]),
        ("A .1-bit model", ".1-bit", [".1-bit"]),
        ("基于扩散模型的LLM", "扩散模型", ["扩散模型"]),
        ("基于LLM的", "LLM", ["LLM"]),
        ("किताब की", "की", ["की"]),
    ],
)
def test_a_phrase_is_highlighted_as_a_whole_word(text, phrase, parts):
    assert marked(text, occurrences(text, [phrase])) == parts


def test_the_sentence_with_the_words_is_quoted_in_chinese():
    text = "我们研究图像。基于扩散模型的方法。其他。"
    assert excerpt(text, set("扩散模型")) == "基于扩散模型的方法。"
    assert excerpt(text, {"graph"}) is None
