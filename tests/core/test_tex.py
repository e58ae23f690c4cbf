"""TeX in titles and abstracts: read as text, left as it is, or kept for a bibliography."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.exports.bibtex import bibtex_people, bibtex_text, bibtex_title
from papertrack.tex import pieces
from papertrack.text import TexReader, clean, readable

FORMULAS = {
    r"$\beta$-VAE": "β-VAE",
    "H$_2$O and 10$^{-3}$": "H₂O and 10⁻³",
    r"$x^{\alpha+1}_k$": "x^(α+1)ₖ",
    r"$\mathcal{O}(n\log n)$": "O(n log n)",
    r"\(T_\mathrm{max} = 3.4~\text{s}\)": "Tₘₐₓ = 3.4 s",
    r"$\frac{a+b}{2}$, $\tfrac12$": "(a+b)/2, 1/2",
    r"$2\times 10^{5}$": "2×10⁵",
    r"$x\in\mathbb{R}^d$": "x∈ℝᵈ",
    r"$\hat{x}$ and $\sqrt{2}$": "x̂ and √2",
    r"90$^\circ$, 360{\deg}": "90°, 360°",
    r"$a \equiv 1 \pmod{s}$": "a ≡ 1 (mod s)",
    r"$1\%$, $5\%$": "1%, 5%",
    "Fe$_{0.5}$, N$^{1.9}$": "Fe₀.₅, N¹.⁹",
    "in cm^3": "in cm³",
    "V<sub>6</sub>S": "V₆S",
}
COMMANDS = {
    r"G\"odel, {\L}ukasz, Fr\'echet, \c{c}": "Gödel, Łukasz, Fréchet, ç",
    r"\textbf{P}rompting \emph{well}": "Prompting well",
    r"{\bf Bold} and {BERT}": "Bold and BERT",
    r"50\% \& more\_than": "50% & more_than",
    r"earlier work~\cite{a,b}.": "earlier work.",
    r"at \url{https://x.example/a_b}": "at https://x.example/a_b",
    r"\href{https://x.example/}{the page}": "the page (https://x.example/)",
    r"\textcolor{red}{warning}": "warning",
    "light--matter, a --- b, 55~ms": "light–matter, a — b, 55 ms",
    "the ``soft mode''": "the “soft mode”",
}
LEFT_ALONE = (
    *("costs $5 and $10 a month", "from $0.40 to $0.23 per task", "about $1 or US$ 10"),
    *(
        "$HOME and $PATH",
        "snake_case and __init__",
        "set {0, 1}",
        "the option --help",
        "~5%, x~N(0,1)",
    ),
    *(r"introduces \ourmethod for text", "x_1 {y $z", "T^2Agent", "https://x.example/a--b~c"),
    *(r"\unicode{x202E}text", r"\input{/etc/hostname}", r"\today", "a ` b ` c"),
)


@pytest.mark.parametrize(("source", "text"), [*FORMULAS.items(), *COMMANDS.items()])
def test_tex_is_read_as_unicode_text(source, text):
    assert readable(source) == text


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_is_no_tex_or_unknown_stays_as_it_is(text):
    assert readable(text) == text


def test_a_page_reads_a_limited_amount_of_tex():
    reader = TexReader(characters=len(r"$\alpha$") + 1)
    assert [reader.read(r"$\alpha$"), reader.read(r"$\beta$")] == ["α", r"$\beta$"]


@pytest.mark.parametrize("source", ["{", "\\frac{", "$\\alpha", "^{", "\\", "``a", "<b>", "~a--"])
def test_long_hostile_tex_is_read_without_an_error(source):
    assert readable(source * 2000)


_tex_like = st.text(st.sampled_from(list("\\${}^_~`'&%<>-ab1 \"")), max_size=40)
_snippets = st.lists(
    st.sampled_from([*FORMULAS, *COMMANDS, r"\frac", r"\sqrt[", r"\left(", r"\begin{x}", "$$"])
)


@given((_tex_like | _snippets.map("".join)).map(clean))
def test_any_text_can_be_read_and_its_pieces_are_the_text(text):
    assert "".join(piece.source for piece in pieces(text)) == text
    assert clean(readable(text)) == readable(text).strip()


@given((_tex_like | _snippets.map("".join)).map(clean))
def test_braces_of_a_bibliography_are_balanced_for_any_title(text):
    for written in (bibtex_title(text), bibtex_text(text), bibtex_people([text])):
        assert written.count("{") == written.count("}")


def test_a_bibliography_keeps_formulas_and_accents_and_escapes_nothing_twice():
    assert bibtex_title(r"Fr\'echet $\mathcal{O}(n \log N)$ 50\% of it") == (
        r"Fr\'echet {$\mathcal{O}(n \log N)$} 50\% of it"
    )
    assert bibtex_text(r"\textit{E. coli} & $x_1$") == r"\textit{E. coli} \& $x_1$"
    assert bibtex_text("costs $5 and $10, 5% of x_1") == r"costs \$5 and \$10, 5\% of x\_1"


@pytest.mark.parametrize(
    "source",
    [
        r"\input{secret}",
        r"$\input{secret}$",
        "$^^5cinput secret$",
        r"\newcommand{\x}{y}",
        r"$a % b$",
    ],
)
def test_a_bibliography_runs_no_command_of_strangers(source):
    written = bibtex_text(source)
    assert "$^" not in written
    assert r"\input" not in written.replace(r"{\textbackslash}input", "")
    assert r"\newcommand" not in written.replace(r"{\textbackslash}newcommand", "")
    assert "%" not in written.replace(r"\%", "")
