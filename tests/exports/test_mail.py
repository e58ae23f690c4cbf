"""The HTML of a mail."""

import re

import html5lib
from invented import DAY, NOW
from tricks import TRICKS

from papertrack.exports.page import render_mail
from papertrack.models import Entry, Match, Observation, Paper, PaperListing, Report, Section
from papertrack.text import clean, readable


def _entry(paper_id, title, *topics):
    return Entry(
        Paper(paper_id, title, authors=("Ada One",)),
        NOW,
        listings=(PaperListing("huggingface", DAY),),
        observations=(Observation(NOW, 7),),
        matches=tuple(Match(topic, topic, "title", f"words of {topic}", 100) for topic in topics),
    )


def _mail(*sections):
    report = Report("alert", NOW, "2 papers on your topics", sections)
    return "".join(render_mail(report))


def _parse(text):
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def test_a_paper_is_shown_once_with_topics_matched_words_upvotes_and_link():
    first, second = _entry("2603.00001", "One", "a<b", "c"), _entry("2603.00002", "Other", "c")
    text = _mail(Section("a<b", iter([first]), 1), Section("c", iter([first, second]), 2))
    tree = _parse(text)
    assert ["".join(heading.itertext()) for heading in tree.iter("h3")] == ["One", "Other"]
    shown = " ".join("".join(tree.itertext()).split())
    for words in ("▲ 7 · Ada One", "a<b words of a<b in title", "c words of c in title"):
        assert words in shown.replace("\xa0", " ")
    links = [link.get("href") for link in tree.iter("a")]
    assert links.count("https://huggingface.co/papers/2603.00001") == 1


def test_a_brief_section_is_a_list_of_titles():
    text = _mail(Section("Also", [_entry("2603.00003", "Brief", "topic")], 1, brief=True))
    assert re.findall(">(Brief)</a>", text) == ["Brief"]
    assert "words of topic" not in text


def test_a_mail_loads_and_runs_nothing_and_hostile_text_stays_text():
    entries = [
        _entry(f"2603.{number:05}", clean(trick), clean(trick))
        for number, trick in enumerate(TRICKS)
    ]
    tree = _parse(_mail(Section(clean(TRICKS[6]), entries, len(entries))))
    tags = {element.tag for element in tree.iter() if isinstance(element.tag, str)}
    assert not tags & {"script", "img", "link", "iframe", "form", "object", "svg"}
    assert ["".join(heading.itertext()) for heading in tree.iter("h3")] == [
        readable(entry.paper.title) for entry in entries
    ]
    styles = [element.get("style", "") for element in tree.iter() if element.tag != "html"]
    assert "url(" not in "".join(styles)


def test_a_mail_of_fifty_papers_is_below_the_size_that_mail_programs_cut():
    """Gmail shows the first 102 kB of a mail."""
    entries = [_entry(f"2603.{number:05}", "A title " * 12, "topic") for number in range(50)]
    assert len(_mail(Section("New", entries, 50)).encode()) < 102_000
