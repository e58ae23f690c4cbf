"""The subject of a mail is the same after decoding, for real and invented titles.

This file is also a script, which every other version of Python runs on the same titles.
"""

import json
import lzma
import random
import subprocess
from base64 import b64decode
from email.header import decode_header, make_header
from pathlib import Path
from re import DOTALL, MULTILINE, search, sub

import pytest
from messages import MESSAGE

from papertrack.channels.email_message import email_message
from papertrack.text import clean, shorten

FEW, MANY = 400, 10_000
_CHECKOUT = Path(__file__).parents[2]
_PARTS = (
    *(
        "Détection",
        "événements",
        "à",
        "l\u2019échelle",
        "größe",
        "Über",
        "naïve",
        "学習",
        "大规模语言模型",
    ),
    *(
        "e\u0301",
        "🧪",
        "👩\u200d🔬",
        "a",
        "an",
        "of",
        "=?utf-8?q?x?=",
        "=?",
        "?=",
        "_",
        "=20",
        "%s",
    ),
    *("[réseaux]", "(2 of 3)", "$x_1$", '"quoted"', "a@b.org,", "<b>", ";", ":", "\\", "Ünï"),
    *("हिन्दी", "العربية", "עברית", "x" * 70, "ü" * 40, "-", "\u2013", "\xa0"),
)


def invented(count):
    """Titles of words of all scripts, with single and doubled spaces between them."""
    rng = random.Random(24)
    for _ in range(count):
        words = rng.choices(_PARTS, k=rng.randint(1, 24))
        yield "".join(word + rng.choice(("", " ", " ", "  ")) for word in words)


def wrong_subjects(titles):
    """The titles whose subject decodes to another text, or whose header is too long."""
    return [title for title in titles if not _is_right(title)]


def _is_right(title):
    message = MESSAGE._replace(subject=title, text="", html=None)
    content = email_message(message, "mail", "me@example.org", ["you@example.org"])
    head = content.partition(b"\r\n\r\n")[0]
    raw = search(r"^Subject: (.*?)(?:\r\n(?=\S)|\Z)", head.decode("ascii"), MULTILINE | DOTALL)[1]
    wanted = shorten(clean(title), 200)
    unfolded = sub(r"\r\n(?=[ \t])", "", raw)
    return (
        max(map(len, head.split(b"\r\n"))) <= 78
        and str(make_header(decode_header(unfolded))) == wanted
        and _decoded(unfolded) == wanted
    )


def _decoded(text):
    """As mail programs decode it, which join neighbouring encoded words (RFC 2047)."""
    joined = sub(r"\?=\s+=\?", "?==?", text)
    return sub(r"=\?utf-8\?([bq])\?(.*?)\?=", lambda m: _word(m[1], m[2]), joined)


def _word(encoding, text):
    if encoding == "b":
        return b64decode(text).decode()
    data = sub(r"=([0-9A-F]{2})", lambda m: chr(int(m[1], 16)), text.replace("_", " "))
    return data.encode("latin-1").decode()


def _real(folder, count):
    """Titles of papers, each as the headline of a message about it."""
    with lzma.open(min(folder.glob("*.xz")), "rt", encoding="utf-8") as lines:
        for _, line in zip(range(count), lines, strict=False):
            yield f"papertrack: {json.loads(line)['title']} [réseaux]"


def test_few_subjects_are_the_same_after_decoding(shared):
    assert wrong_subjects(invented(FEW)) == []
    assert wrong_subjects(_real(shared("data/corpus"), FEW)) == []


@pytest.mark.slow
def test_ten_thousand_subjects_are_the_same_after_decoding(shared):
    assert wrong_subjects(invented(MANY)) == []
    assert wrong_subjects(_real(shared("data/corpus"), MANY)) == []


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_every_python_decodes_and_encodes_subjects_alike(version, tmp_path, shared):
    pythons = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    if not pythons:
        pytest.skip(f"Python {version} is not installed")
    titles = [*invented(MANY), *_real(shared("data/corpus"), MANY)]
    (tmp_path / "titles.json").write_text(json.dumps(titles))
    tests = Path(__file__).parent
    program = (
        f"import sys; sys.path[:0] = {[str(_CHECKOUT), str(tests)]!r}\n"
        "import json, types\n"
        "sys.modules['pytest'] = types.SimpleNamespace("
        "mark=types.SimpleNamespace(slow=lambda f: f, parametrize=lambda *a: lambda f: f))\n"
        "from test_fuzzed_subjects import wrong_subjects\n"
        f"print(wrong_subjects(json.load(open({str(tmp_path / 'titles.json')!r}))))"
    )
    ended = subprocess.run(
        [pythons[-1], "-c", program], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "[]\n", "")
