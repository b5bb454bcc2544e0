"""What holds for every page: its links lead somewhere, and it names no machine."""

import re
from urllib.parse import urlsplit

import pytest

from tests.docs.markdown import DOCS, ROOT, Page, page, pages

#: Hosts that pages may name: for documentation (RFC 2606), one's own machine, and places a reader needs.
KNOWN_HOSTS = re.compile(
    r"host|(?:[a-z0-9-]+\.)*example(?:\.(?:org|com|net))?|127\.0\.0\.1|localhost|bsky\.app|bsky\.social"
    r"|docs\.joinmastodon\.org|atproto\.com|www\.standardwebhooks\.com"
    r"|t\.me|discord\.com|api\.slack\.com|developers\.google\.com"
)
_ADDRESS = re.compile(r"(?:https?|postgresql)://[^\s)\"'`<>|…]+")
#: Absolute paths that belong to any Linux machine, not to one of them.
_USUAL_FOLDERS = ("/etc/", "/srv/", "/var/", "/opt/", "/usr/", "/run/")
_PATH = re.compile(r"(?<![\w.:/~)>\]])/[a-z][\w.-]*(?:/[\w.-]+)+")

EVERY_PAGE = pytest.mark.parametrize("one", pages(), ids=str)


@EVERY_PAGE
def test_every_link_leads_to_a_file_and_a_heading(one: Page) -> None:
    broken = []
    for link in one.links:
        if urlsplit(link).scheme:
            continue
        file, anchor = one.target(link)
        if not file.exists() or not file.is_relative_to(ROOT):
            broken.append(f"{link}: no such file")
        elif anchor and (file.suffix != ".md" or anchor not in Page(file).anchors):
            broken.append(f"{link}: no such heading")

    assert broken == []


@EVERY_PAGE
def test_no_page_names_a_machine_or_its_folders(one: Page) -> None:
    hosts = {urlsplit(address).hostname or "" for address in _ADDRESS.findall(one.text)}
    inside = re.compile(r"/(?:api|p|l|xrpc|sign-in|healthz|readyz|charts|static|statistics|kpis|alerts)\b")
    paths = {
        path
        for path in _PATH.findall(re.sub(_ADDRESS, "", one.text))
        if not path.startswith(_USUAL_FOLDERS) and not inside.match(path)
    }

    assert {host for host in hosts if not KNOWN_HOSTS.fullmatch(host)} == set()
    assert paths == set()


@EVERY_PAGE
def test_a_page_has_one_title_and_ends_with_one_line_break(one: Page) -> None:
    titles = [line for line in one.prose.splitlines() if line.startswith("# ")]

    assert len(titles) == 1
    assert one.text.startswith("# ")
    assert one.text.endswith("\n")
    assert not one.text.endswith("\n\n")


def test_the_index_leads_to_every_page_of_the_documentation() -> None:
    reached = {DOCS / "README.md"}
    for start in (page("docs/README.md"), page("docs/decisions/README.md")):
        reached |= {start.target(link)[0] for link in start.links if not urlsplit(link).scheme}

    assert {one.path for one in pages() if one.path.is_relative_to(DOCS)} - reached == set()


def test_the_names_in_back_quotes_that_look_like_files_of_ours_exist() -> None:
    ours = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    missing = []
    for one in pages():
        for name in re.findall(r"`([\w./-]+/[\w./-]*)`", one.text):
            if name.split("/")[0] in ours - {"data"} and not (ROOT / name).exists():
                missing.append(f"{one}: {name}")

    assert missing == []
