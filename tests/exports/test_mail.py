"""The HTML of a mail: what mail programs show, each paper once."""

import re

import html5lib
from invented import DAY, NOW
from tricks import TRICKS

from papertrack.exports.page import render_mail
from papertrack.models import Entry, Listed, Match, Observation, Paper, Report, Section
from papertrack.text import clean


def _entry(paper_id, title, *topics):
    return Entry(
        Paper(paper_id, title, authors=("Ada One",)),
        NOW,
        listings=(Listed("huggingface", DAY),),
        observations=(Observation(NOW, 7),),
        matches=tuple(Match(one, one, "title", f"words of {one}", 100) for one in topics),
    )


def _mail(*sections):
    report = Report("alert", NOW, "2 papers on your topics", sections)
    return "".join(render_mail(report))


def _parsed(text):
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def test_a_paper_is_told_once_with_its_topics_words_upvotes_and_link():
    one, other = _entry("2603.00001", "One", "a<b", "c"), _entry("2603.00002", "Other", "c")
    text = _mail(Section("a<b", iter([one]), 1), Section("c", iter([one, other]), 2))
    tree = _parsed(text)
    assert ["".join(head.itertext()) for head in tree.iter("h3")] == ["One", "Other"]
    told = " ".join("".join(tree.itertext()).split())
    for words in ("▲ 7 · Ada One", "a<b words of a<b in title", "c words of c in title"):
        assert words in told.replace("\xa0", " ")
    links = [link.get("href") for link in tree.iter("a")]
    assert links.count("https://huggingface.co/papers/2603.00001") == 1


def test_a_brief_section_is_a_list_of_titles():
    text = _mail(Section("Also", [_entry("2603.00003", "Brief", "topic")], 1, brief=True))
    assert re.findall(">(Brief)</a>", text) == ["Brief"]
    assert "words of topic" not in text


def test_nothing_in_it_is_loaded_or_run_and_hostile_words_stay_words():
    hostile = [_entry(f"2603.{n:05}", clean(one), clean(one)) for n, one in enumerate(TRICKS)]
    tree = _parsed(_mail(Section(clean(TRICKS[6]), hostile, len(hostile))))
    tags = {one.tag for one in tree.iter() if isinstance(one.tag, str)}
    assert not tags & {"script", "img", "link", "iframe", "form", "object", "svg"}
    assert ["".join(head.itertext()) for head in tree.iter("h3")] == [
        one.paper.title for one in hostile
    ]
    assert "url(" not in "".join(one.get("style", "") for one in tree.iter() if one.tag != "html")


def test_fifty_papers_are_not_cut_by_mail_programs():
    """Gmail shows the first 102 kB of a mail."""
    many = [_entry(f"2603.{number:05}", "A title " * 12, "topic") for number in range(50)]
    assert len(_mail(Section("New", many, 50)).encode()) < 102_000
