"""The browser and the clipboard of the reader, and the addresses of pages."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from papertrack import facts
from papertrack.identifiers import is_arxiv, pdf_url
from papertrack.models import Entry

if TYPE_CHECKING:
    import webbrowser

_COPY_SECONDS = 10
# Programs that copy text to the clipboard, in order of preference.
_COPIERS = (("wl-copy",), ("xclip", "-selection", "clipboard"), ("pbcopy",), ("clip.exe",))
Page = Literal["page", "pdf", "code", "hf", "html"]


def page_address(entry: Entry, page: Page) -> str | None:
    """Return the address of a page of a paper; None if it has none that a browser opens."""
    paper_id, at_arxiv = entry.paper.id, is_arxiv(entry.paper.id)
    addresses = {
        "page": facts.page_url(entry) or entry.paper.project_url,
        "pdf": pdf_url(paper_id),
        "code": facts.code(entry.paper).url,
        "hf": f"https://huggingface.co/papers/{paper_id}" if at_arxiv else None,
        "html": f"https://arxiv.org/html/{paper_id}" if at_arxiv else None,
    }
    address = addresses[page]
    return address if address and address.startswith(("https://", "http://")) else None


def find_browser() -> "webbrowser.BaseBrowser | None":
    """Return the reader's browser; None over ssh, or if there is none."""
    if "SSH_CONNECTION" in os.environ and not os.environ.get("BROWSER"):
        return None
    import webbrowser

    try:
        return webbrowser.get()
    except webbrowser.Error:
        return None


def copy_with_program(text: str) -> bool:
    """Copy a text to the clipboard with a program; return whether one did, never over ssh."""
    import shutil

    remote = "SSH_CONNECTION" in os.environ
    return any(
        shutil.which(command[0]) and _copy_with(command, text)
        for command in (() if remote else _COPIERS)
    )


def _copy_with(command: Sequence[str], text: str) -> bool:
    import subprocess

    try:
        ended = subprocess.run(command, input=text.encode(), check=False, timeout=_COPY_SECONDS)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0
