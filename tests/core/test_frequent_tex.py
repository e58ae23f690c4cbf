"""Frequent commands are read without pylatexenc, and as it reads them."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.tex import formulas, frequent
from papertrack.text import readable

_COMMANDS = [
    *(f"\\{name}" for name in frequent.SYMBOLS),
    *(f"\\{sign}" for sign in frequent.SPACES),
]
_STYLED = (
    "\\mathcal{O}",
    "\\mathrm{max}",
    "\\mathbb{R}",
    "\\text{a b}",
    "\\frac{1}{2}",
    "\\sqrt{n}",
    "\\hat{a}",
    "\\bar{3}",
    "\\widetilde{O}",
)
_PLAIN = (
    "x",
    "2",
    "(",
    ")",
    "=",
    "+",
    "n_1",
    "x^2",
    "_{ij}",
    "^{-1}",
    " ",
    "  ",
    "{ab}",
    ", ",
    "\\%",
    "~",
)
_contents = st.lists(st.sampled_from((*_COMMANDS, *_STYLED, *_PLAIN)), min_size=1, max_size=7)


@given(_contents)
def test_a_formula_is_read_as_pylatexenc_reads_it_or_left_to_it(parts):
    source = f"${' '.join(parts)}$"
    read = formulas.frequent_text(source)
    assert read is None or read == formulas.converted_text(source)


@pytest.mark.parametrize("form", ["${}$", "$a {} b$", "$a{} b$", "$x_{{{}}} y$", "$10^{{-3}}{}$"])
def test_each_symbol_is_read_as_pylatexenc_reads_it(form):
    sources = [form.format(f"\\{name}") for name in frequent.SYMBOLS if name != "deg"]
    assert {source: formulas.frequent_text(source) for source in sources} == {
        source: formulas.converted_text(source) for source in sources
    }


def test_each_accent_is_read_as_pylatexenc_reads_it():
    sources = [
        f"\\{accent}{{{letter}}}"
        for accent in frequent.COMBINING_ACCENTS
        for letter in "aeinosuAOCS"
    ]
    assert {source: frequent.accented(source) for source in sources} == {
        source: formulas.converted_text(source) for source in sources
    }


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (r"\b{eta}-Ga2O3 and high-\k{appa} oxides", "β-Ga2O3 and high-κ oxides"),
        (r"\r{ho} and \c{hi}", "ρ and χ"),
        (r"\b{e} and \c{c}", "e̱ and ç"),
        (r"$\mathcal{O}(n \log n)$ at 45\deg", "O(n log n) at 45°"),
        (r"$\mathbb{Z}_2$ and $\{1,2\}$", "ℤ₂ and {1,2}"),
        (r"A\textsuperscript{2}FM, Sb\textsubscript{2}Te", "A²FM, Sb₂Te"),
    ],
)
def test_frequent_tex_reads_well(text, read):
    assert readable(text) == read


def test_the_titles_of_most_days_are_read_without_pylatexenc():
    program = (
        "import sys\n"
        "from papertrack.text import readable\n"
        r"texts = [r'$\mathcal{PT}$ and $10\times$', r'Jos\'e', r'$T_{\mathrm{c}}$', r'5\,$\%$']"
        "\n"
        "print([readable(text) for text in texts], 'pylatexenc' in sys.modules)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "['PT and 10×', 'José', 'T_c', '5 %'] False\n"
