"""Small responses of arXiv's services, written by hand. Parts are XML; None removes a part."""

import re
from datetime import date

DAY = date(2026, 3, 31)
FAULTS = ("missing", "empty", "nested", "renamed")


def item(paper_id="2603.00001", **parts):
    """An item of an RSS feed."""
    elements = {
        "title": "<title>A Paper</title>",
        "link": f"<link>https://arxiv.org/abs/{paper_id}</link>",
        "description": f"<description>{_description(paper_id)}</description>",
        "guid": f'<guid isPermaLink="false">oai:arXiv.org:{paper_id}v2</guid>',
        "categories": "<category>cs.CL</category><category>cs.LG</category>",
        "pubDate": "<pubDate>Tue, 31 Mar 2026 00:00:00 -0400</pubDate>",
    }
    return _element("item", elements | _COMMON_PARTS | parts)


def atom_item(paper_id="2603.00001", **parts):
    """An entry of an Atom feed."""
    elements = {
        "id": f"<id>oai:arXiv.org:{paper_id}v2</id>",
        "title": "<title>A Paper</title>",
        "updated": "<updated>2026-03-31T04:00:19.8+00:00</updated>",
        "link": f'<link href="https://arxiv.org/abs/{paper_id}" rel="alternate"/>',
        "summary": f"<summary>{_description(paper_id)}</summary>",
        "categories": '<category term="cs.CL"/><category term="cs.LG"/>',
        "published": "<published>2026-03-31T00:00:00-04:00</published>",
    }
    return _element("entry", elements | _COMMON_PARTS | parts)


_COMMON_PARTS = {
    "announce_type": "<arxiv:announce_type>new</arxiv:announce_type>",
    "rights": "<dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>",
    "creator": "<dc:creator>Ada One, Bo Two</dc:creator>",
}


def _description(paper_id):
    return f"arXiv:{paper_id}v2 Announce Type: new \nAbstract: What it says."


def rss(*items, **head):
    elements = {
        "title": "<title>cs.CL updates on arXiv.org</title>",
        "link": "<link>http://rss.arxiv.org/rss/cs.CL</link>",
        "atom": '<atom:link href="http://rss.arxiv.org/rss/cs.CL" rel="self"/>',
        "description": "<description>cs.CL updates.</description>",
        "built": "<lastBuildDate>Tue, 31 Mar 2026 04:00:02 +0000</lastBuildDate>",
        "pubDate": "<pubDate>Tue, 31 Mar 2026 00:00:00 -0400</pubDate>",
        "skipDays": "<skipDays><day>Saturday</day><day>Sunday</day></skipDays>",
    } | head
    channel = _element("channel", elements, *items)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"'
        ' xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        f' xmlns:atom="http://www.w3.org/2005/Atom">{channel}</rss>'
    ).encode()


def atom(*entries, **head):
    elements = {
        "id": "<id>http://rss.arxiv.org/atom/cs.CL</id>",
        "title": "<title>cs.CL updates on arXiv.org</title>",
        "updated": "<updated>2026-03-31T04:00:19.8+00:00</updated>",
        "link": '<link href="http://rss.arxiv.org/atom/cs.CL" rel="self"/>',
        "subtitle": "<subtitle>cs.CL updates.</subtitle>",
    }
    return _atom(elements | head, entries)


def result(paper_id="2603.00001v2", **parts):
    """An entry of a response of the query API."""
    elements = {
        "id": f"<id>http://arxiv.org/abs/{paper_id}</id>",
        "title": "<title>A Paper</title>",
        "updated": "<updated>2026-03-30T09:00:00Z</updated>",
        "link": f'<link href="https://arxiv.org/abs/{paper_id}" rel="alternate"/>'
        f'<link href="https://arxiv.org/pdf/{paper_id}" rel="related" title="pdf"/>',
        "summary": "<summary>  What it says.\n  In two lines.</summary>",
        "categories": '<category term="cs.LG"/><category term="cs.CL"/>',
        "published": "<published>2026-03-27T17:59:59Z</published>",
        "comment": "<arxiv:comment>9 pages</arxiv:comment>",
        "primary": '<arxiv:primary_category term="cs.CL"/>',
        "authors": "<author><name>Ada One</name><arxiv:affiliation>MIT</arxiv:affiliation></author>"
        "<author><name>Bo Two</name></author>",
    }
    return _element("entry", elements | parts)


def api_response(*entries, **head):
    elements = {
        "id": "<id>https://arxiv.org/api/abc</id>",
        "title": "<title>arXiv Query: search_query=cat:cs.CL</title>",
        "updated": "<updated>2026-04-01T12:00:00Z</updated>",
        "total": "<opensearch:totalResults>250</opensearch:totalResults>",
        "start": "<opensearch:startIndex>100</opensearch:startIndex>",
    }
    return _atom(elements | head, entries)


def record(paper_id="2603.00001", **parts):
    """A record of OAI-PMH in the format arXiv."""
    elements = {
        "id": f"<id>{paper_id}</id>",
        "created": "<created>2026-03-27</created>",
        "updated": "<updated>2026-03-30</updated>",
        "authors": "<authors><author><keyname>One</keyname><forenames>Ada</forenames>"
        "<suffix>Jr.</suffix></author><author><keyname>Two</keyname></author></authors>",
        "title": "<title>A Paper</title>",
        "categories": "<categories>cs.CL cs.LG</categories>",
        "abstract": "<abstract>  What it says.\n</abstract>",
    }
    arxiv = _element("arXiv", elements | parts).replace(
        "<arXiv>", '<arXiv xmlns="http://arxiv.org/OAI/arXiv/">'
    )
    return (
        f"<record><header><identifier>oai:arXiv.org:{paper_id}</identifier>"
        "<datestamp>2026-03-31</datestamp><setSpec>cs:cs:CL</setSpec></header>"
        f"<metadata>{arxiv}</metadata></record>"
    )


def records(*entries, end="", verb="ListRecords"):
    return oai(f"<{verb}>{''.join(entries)}{end}</{verb}>")


def oai(inner):
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        "<responseDate>2026-03-31T05:00:00Z</responseDate>"
        f"<request>https://oaipmh.arxiv.org/oai</request>{inner}</OAI-PMH>"
    ).encode()


def thirty_entries(make, fault, name):
    """Thirty entries, the eleventh with that fault in each of its elements `name`."""
    entries = [make(f"2603.{number:05}") for number in range(1, 31)]
    pattern = rf"<{name}(?:\s[^>]*)?(?:/>|>(.*?)</{name}>)"
    replacement = {
        "missing": "",
        "empty": f"<{name}/>",
        "nested": f"<{name}><unexpected>1</unexpected></{name}>",
        "renamed": r"<other>\1</other>",
    }[fault]
    damaged = re.sub(pattern, replacement, entries[10], flags=re.DOTALL)
    assert damaged != entries[10], f"there is no {name}"
    entries[10] = damaged
    return entries


def _atom(head, entries):
    feed = _element("feed", head, *entries)
    names = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
    )
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + feed.replace("<feed>", names, 1)).encode()


def _element(name, parts, *inner):
    return f"<{name}>{''.join(filter(None, (*parts.values(), *inner)))}</{name}>"
