"""What a title costs in BibTeX is bounded, whatever strangers write into it."""

from papertrack.exports.bibtex import bibtex_text, bibtex_title

_COSTLY = r"\hat{%d x \tilde{y} \frac{\vec{a}}{b}} "


def test_no_more_tex_of_one_text_is_read_than_for_people():
    text = "".join(_COSTLY % number for number in range(300))
    for written in (bibtex_text(text), bibtex_title(text)):
        assert written.startswith(("0", "{0"))
        assert "textbackslash" in written[-200:]
