"""Addresses of downloads: what is checked is what is sent."""

import pytest

from gahb.data.addresses import prepared, printable, public
from gahb.errors import DataError


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://Example.ORG", "https://example.org/"),
        ("https://exämple.org/ü?q=ü", "https://xn--exmple-cua.org/%C3%BC?q=%C3%BC"),
        ("https://h:8443/@scope/a%20b", "https://h:8443/@scope/a%20b"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("http://localhost/x", "http://localhost/x"),
    ],
)
def test_good_addresses(url, sent):
    assert prepared(url, {}).url == sent


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://h/", "file:///x", "", "x", "https:", "https://",
        r"http://127.0.0.1\@example.org/", r"https://a\.example.org/", "https://user@h/",
        "https://user:word@h/", "https://:@h/", "http://127.0.0.1:80@example.org/",
        "https://h:99999/", "https://h:-1/", "https://[::1/", "https://[x]/", "https://a b/",
        "https://a\r\nX: y/", "https://h\t/", "https://h/\x00", "https://h%00/", "https://h;x/",
        "https://a..b/", "https://ⅼocalhost/", "https://a。b/", "http://127.1/",
        "http://[::ffff:127.0.0.1]/", "https://[fe80::1%25eth0]/", "javascript:x",
    ],
)  # fmt: skip
def test_crooked_addresses_are_refused(url):
    with pytest.raises(DataError) as caught:
        prepared(url, {})
    assert "word" not in str(caught.value)
    assert str(caught.value).isprintable()


def test_encryption_is_not_left_on_the_way():
    prepared("http://127.0.0.1/", {}, "http://127.0.0.1:80/")
    prepared("https://other.example/", {}, "https://mirror.example/")
    with pytest.raises(DataError, match="only https"):
        prepared("http://127.0.0.1/", {}, "https://mirror.example/")


def test_messages_show_addresses_and_no_more():
    assert public("https://h/a?token=secret#x") == "https://h/a"
    assert public("https://me:pass/word@h/a") == "https://h/a"
    assert public("https://h/@scope/a") == "https://h/@scope/a"
    assert printable("a\x1b[2J\nb\u202e") == r"a\x1b[2J\nb\u202e"
    assert len(public("https://" + "x" * 10**5 + "\n")) < 200
