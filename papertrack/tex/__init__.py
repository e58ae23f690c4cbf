"""TeX in titles, abstracts and names: read as Unicode text, or kept for BibTeX.

`as_text` reads it; `papertrack.tex.verbatim` decides what a bibliography may contain as written.
`papertrack.text.TexReader` imports this package only for texts that may contain TeX.
"""

from papertrack.tex.reading import as_text

__all__ = ["as_text"]
