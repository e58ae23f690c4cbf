"""TeX in titles, abstracts and names: read as Unicode text, or kept for BibTeX.

`as_text` reads it, and `bibtex_as_text` that of BibTeX files. `pieces` divides a text into what is
TeX and what is not, and `is_printing` tells whether TeX is safe in a document.
`papertrack.text.TexReader` imports this package only for texts that may contain TeX.
"""

from papertrack.tex.formulas import is_printing
from papertrack.tex.pieces import ACCENTS, Piece, pieces
from papertrack.tex.reading import LETTERS, TEXT_STYLES, as_text, bibtex_as_text, typeset

__all__ = [
    "ACCENTS",
    "LETTERS",
    "TEXT_STYLES",
    "Piece",
    "as_text",
    "bibtex_as_text",
    "is_printing",
    "pieces",
    "typeset",
]
