"""Entries found in the bytes of a document, and fingerprints that change when an entry does."""

from itertools import pairwise

import pytest

from feeds.scan import NotSliceable, Span, cut_middle, keep_only, scan

HEAD = (
    b'<?xml version="1.0"?><rss version="2.0" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"><channel>'
)
TAIL = b"</channel></rss>"


def rss(*items: bytes, head: bytes = HEAD) -> bytes:
    return head + b"<title>t</title>" + b"\n".join(items) + b"<ttl>60</ttl>" + TAIL


def texts(body: bytes) -> list[bytes]:
    return [body[span.start : span.end] for span in scan(body)]


@pytest.mark.parametrize(
    "item",
    [
        b"<item><title>x</title></item>",
        b"<item/>",
        b'<item a="x>y"/>',
        b"<item></item>",
        b"<item>a/></item >",
        b"<item><br/></item>",
        b"<item><![CDATA[</item><item>]]></item>",
        b"<item><!-- </item> --></item\n>",
        "<item><title>Grüße €</title></item>".encode(),
    ],
)
def test_the_bytes_of_an_entry_are_found_exactly(item: bytes) -> None:
    assert texts(rss(item, b"<item>2</item>", item)) == [item, b"<item>2</item>", item]


@pytest.mark.parametrize(
    "body",
    [
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry>1</entry><entry>2</entry></feed>',
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        b"<channel><items/></channel><item>1</item><item>2</item></rdf:RDF>",
        b"<rss><channel><item>1</item></channel><channel><item>2</item></channel></rss>",
        b'<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry>1</a:entry><a:entry>2</a:entry></a:feed>',
    ],
)
def test_each_format_keeps_its_entries_in_its_own_place(body: bytes) -> None:
    assert len(scan(body)) == 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (rss(b"<item>&nbsp;</item>"), "undefined entity"),
        (rss(b"<item><x:y/></item>"), "unbound prefix"),
        (rss(b"<item><item/></item>"), "unusual place"),
        (rss(b"<x><item/></x>"), "unusual place"),
        (b"<item/>", "unusual place"),
        (b"<!DOCTYPE rss><rss/>", "DOCTYPE"),
        (rss(b"<item>")[:-8], "mismatched|no element|unclosed"),
        (rss().decode().encode("utf-16"), "ASCII"),
        (rss().decode().encode("utf-32-be"), "ASCII"),
        (rss(head=b'<?xml version="1.0" encoding="bogus"?><rss><channel>'), "unknown encoding"),
        (b"", "no element"),
    ],
)
def test_a_document_that_is_not_plain_goes_to_feedparser_whole(body: bytes, words: str) -> None:
    with pytest.raises(NotSliceable, match=words):
        scan(body)


def prints(body: bytes, context: bytes = b"") -> list[bytes]:
    return [span.fingerprint for span in scan(body, context=context)]


def test_a_fingerprint_belongs_to_the_bytes_of_one_entry() -> None:
    one, two = prints(rss(b"<item>1</item>", b"<item>2</item>"))

    assert len(one) == 16
    assert one != two
    assert prints(rss(b"<item>0</item>", b"<item>2</item>", b"<item>1</item>"))[1:] == [two, one]


def test_counters_change_no_fingerprint() -> None:
    def item(counter: bytes, title: bytes = b"x") -> bytes:
        return (
            b'<item xmlns:m="http://search.yahoo.com/mrss/" xmlns:thr="http://purl.org/syndication/thread/1.0">'
            b"<title>%s</title><slash:comments>%s</slash:comments><m:group><m:community><m:statistics "
            b'views="%s"/></m:community></m:group><thr:total>%s</thr:total><a>z</a></item>'
        ) % (title, counter, counter, counter)

    assert prints(rss(item(b"1"))) == prints(rss(item(b"20777")))
    assert prints(rss(item(b"1"))) != prints(rss(item(b"1", title=b"y")))
    assert prints(rss(item(b"1"))) != prints(rss(item(b"1").replace(b"<a>z", b"<a>y")))


@pytest.mark.parametrize(
    "head",
    [
        HEAD.replace(b"<rss ", b'<rss xml:base="https://b.example/" '),
        HEAD.replace(b"<channel>", b'<channel xml:lang="id">'),
        HEAD.replace(b"/slash/", b"/other/"),
    ],
)
def test_what_stands_around_the_entries_counts_as_far_as_it_changes_their_meaning(head: bytes) -> None:
    assert prints(rss(b"<item>1</item>", head=head)) != prints(rss(b"<item>1</item>"))
    assert prints(rss(b"<item>1</item>"), b"a") != prints(rss(b"<item>1</item>"), b"b")


def test_a_new_date_of_the_feed_changes_no_fingerprint() -> None:
    built = HEAD + b"<lastBuildDate>now</lastBuildDate><generator>x</generator>"

    assert prints(rss(b"<item>1</item>", head=built)) == prints(rss(b"<item>1</item>"))


def test_only_the_entries_that_are_wanted_stay() -> None:
    body = rss(b"<item>0</item>", b"<item>1</item>", b"<item>2</item>")
    spans = scan(body)

    assert texts(keep_only(body, spans, {1})) == [b"<item>1</item>"]
    assert keep_only(body, spans, {0, 1, 2}) == body
    bare = keep_only(body, spans, ())
    assert bare == rss(b"", b"", b"")


def test_a_document_that_cannot_be_scanned_is_cut_by_its_closing_tags() -> None:
    body = rss(*(b"<item>&%d</item>" % n for n in range(50)))

    short = cut_middle(body, 3)

    assert short.count(b"<item>") == 3
    assert short.endswith(b"<ttl>60</ttl>" + TAIL)
    assert cut_middle(body, 50) == body


def test_spans_do_not_overlap_and_follow_each_other() -> None:
    spans: tuple[Span, ...] = scan(rss(*(b"<item>%d</item>" % n for n in range(100))))

    assert len(spans) == 100
    assert all(one.end <= other.start for one, other in pairwise(spans))
