"""The colours of the reader: the terminal's own, whether it is light or dark, has 16 or more."""

from textual.theme import Theme

_DEFAULT, _FRAME, _MARKED = "ansi_default", "ansi_bright_black", "ansi_cyan"
TERMINAL = Theme(
    "terminal",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_cyan",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    accent="ansi_green",
    foreground=_DEFAULT,
    background=_DEFAULT,
    surface=_DEFAULT,
    panel=_DEFAULT,
    boost=_DEFAULT,
    variables={
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "border": "ansi_blue",
        "border-blurred": _FRAME,
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": _MARKED,
        "block-hover-background": _DEFAULT,
        "input-cursor-background": _MARKED,
        "input-cursor-foreground": "ansi_black",
        "input-cursor-text-style": "none",
        "input-selection-background": "ansi_blue",
        "input-selection-foreground": "ansi_white",
        "screen-selection-background": "ansi_blue",
        "screen-selection-foreground": "ansi_white",
        "scrollbar": _FRAME,
        "scrollbar-hover": _MARKED,
        "scrollbar-active": _MARKED,
        "scrollbar-background": _DEFAULT,
        "scrollbar-background-hover": _DEFAULT,
        "scrollbar-background-active": _DEFAULT,
        "scrollbar-corner-color": _DEFAULT,
    },
)
