"""TeX in titles, abstracts and names: converted to Unicode text, or kept for BibTeX.

`as_text` converts texts of sources, `bibtex_as_text` values of BibTeX files. `pieces` divides a
text into TeX and plain text, and `is_printing` decides whether TeX is safe in a document.
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
