"""Which hosts belong to one owner."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.site import site_of


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("example.com", "example.com"),
        ("www.news.example.com", "example.com"),
        ("Feeds.Example.COM.", "example.com"),
        ("feeds.bbci.co.uk", "bbci.co.uk"),
        ("abc.net.au", "abc.net.au"),
        ("rss.detik.co.id", "detik.co.id"),
        ("a.blog.web.id", "blog.web.id"),
        ("x.desa.id", "x.desa.id"),
        ("www.asahi.or.jp", "asahi.or.jp"),
        ("www.gov.br", "www.gov.br"),
        ("a.b.com.br", "b.com.br"),
        ("me.github.io", "me.github.io"),
        ("docs.me.github.io", "me.github.io"),
        ("me.blogspot.com", "me.blogspot.com"),
        ("me.blogspot.co.uk", "me.blogspot.co.uk"),
        ("me.blogspot.de", "me.blogspot.de"),
        ("app.netlify.app", "app.netlify.app"),
        ("one.two.pages.dev", "two.pages.dev"),
        ("bucket.s3.eu-west-1.amazonaws.com", "bucket.s3.eu-west-1.amazonaws.com"),
        ("old.reddit.com", "reddit.com"),
        ("me.tumblr.com", "tumblr.com"),
        ("me.wordpress.com", "wordpress.com"),
        ("spiegel.de", "spiegel.de"),
        ("com.de", "com.de"),
        ("github.io", "github.io"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("192.0.2.7", "192.0.2.7"),
        ("[2001:db8::1]", "[2001:db8::1]"),
    ],
)
def test_the_owner_of_a_host_is_told_by_its_name(host: str, site: str) -> None:
    assert site_of(host) == site


@given(st.lists(st.from_regex(r"[a-z0-9-]{1,8}", fullmatch=True), min_size=1, max_size=6))
def test_a_site_is_the_end_of_its_host_and_its_own_site(labels: list[str]) -> None:
    host = ".".join(labels)
    site = site_of(host)
    assert host == site or host.endswith(f".{site}")
    assert site_of(site) == site
