"""What stands in the `Authorization` header, read without trusting it."""

import base64

import pytest
from django.test import RequestFactory

from timetracking.api.callers import basic, bearer


def asking(header):
    return RequestFactory().get("/", headers={"Authorization": header} if header is not None else {})


def coded(text):
    return "Basic " + base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("BEARER a b", "a b"), ("Bearer", ""), ("Bearer ", ""),
        ("Basic abc", ""), ("abc", ""), ("", ""), (None, ""), ("Bearerabc", ""),
    ],
)  # fmt: skip
def test_bearer(header, token):
    assert bearer(asking(header)) == token


@pytest.mark.parametrize(
    ("header", "pair"),
    [
        (coded("acme+key:secret"), ("acme+key", "secret")),
        (coded("acme+key:se:cret").replace("Basic ", "basic   "), ("acme+key", "se:cret")),
        (coded(":"), ("", "")),
        (coded("nobody"), ("nobody", "")),
        (coded("caf\u00e9:\u2713"), ("caf\u00e9", "\u2713")),
        (coded(b"\xff\xfe:\x00"), ("", "")),
        ("Basic !!!!", ("", "")),
        (coded("a:b").replace("Basic", "Bearer"), ("", "")),
        ("Basic", ("", "")),
        (None, ("", "")),
    ],
)
def test_basic(header, pair):
    assert basic(asking(header)) == pair
