import pytest
from http_helpers import failure, responding
from werkzeug import Response

from papertrack.sources import HttpResponse, StatusError

MODIFIED = "Tue, 31 Mar 2026 04:00:00 GMT"


@pytest.fixture
def conditions(server):
    """Responds with these headers; returns the conditional headers of each request, in order."""

    def start(status=200, headers=None):
        sent = []

        def respond(request):
            names = ("If-None-Match", "If-Modified-Since")
            sent.append({name: request.headers[name] for name in names if name in request.headers})
            return Response("hi" if status == 200 else "", status, headers)

        server.expect_request("/").respond_with_handler(respond)
        return sent

    return start


def get(client, url, validator=None):
    return client.get("somewhere", url, {}, validator=validator)


@pytest.mark.parametrize(
    ("headers", "validator"),
    [
        ({"ETag": '"abc"'}, 'ETag: "abc"'),
        ({"ETag": 'W/"abc"'}, 'ETag: W/"abc"'),
        ({"ETag": "0a1b2c"}, "ETag: 0a1b2c"),
        ({"ETag": '"a: b, c"'}, 'ETag: "a: b, c"'),
        ({"Last-Modified": MODIFIED}, f"Last-Modified: {MODIFIED}"),
        ({"ETag": "abc", "Last-Modified": MODIFIED}, "ETag: abc"),
        ({"ETag": "", "Last-Modified": MODIFIED}, f"Last-Modified: {MODIFIED}"),
        ({"ETag": "x" * 500}, f"ETag: {'x' * 500}"),
        ({"ETag": "x" * 501}, None),
        ({"Last-Modified": ""}, None),
        ({}, None),
    ],
)
def test_a_response_has_the_validator_that_the_server_sent(
    server, client, conditions, headers, validator
):
    sent = conditions(headers=headers)
    assert get(client(), server.url_for("/")) == HttpResponse(b"hi", validator)
    assert sent == [{}]


@pytest.mark.parametrize("tag", [b'"\xc3\xa9"', b'"\xe9"', b"a\tb", b"\x7f", b"\xff" * 9])
def test_a_validator_that_is_not_plain_ascii_is_ignored(wire, client, tag):
    odd = wire(responding(b"ETag: " + tag + b"\r\nContent-Length: 2\r\n", b"hi"))
    assert get(client(), odd.url) == HttpResponse(b"hi", None)


@pytest.mark.parametrize(
    ("headers", "condition"),
    [
        ({"ETag": 'W/"abc"'}, {"If-None-Match": 'W/"abc"'}),
        ({"ETag": "0a1b2c"}, {"If-None-Match": "0a1b2c"}),
        ({"Last-Modified": MODIFIED}, {"If-Modified-Since": MODIFIED}),
    ],
)
def test_a_validator_is_sent_back_unchanged_and_not_modified_has_no_body(
    server, client, conditions, headers, condition
):
    conditions(headers=headers)
    validator = get(client(), server.url_for("/")).validator
    server.clear()
    sent = conditions(304, {"ETag": "another"})
    assert get(client(), server.url_for("/"), validator) == HttpResponse(None, validator)
    assert sent == [condition]


def test_a_changed_response_has_its_new_validator(server, client, conditions):
    conditions(headers={"ETag": "new"})
    assert get(client(), server.url_for("/"), "ETag: old") == HttpResponse(b"hi", "ETag: new")


def test_a_validator_is_sent_along_with_a_redirect(server, client, conditions):
    sent = conditions(304)
    server.expect_request("/old").respond_with_data("", 301, {"Location": "/"})
    assert get(client(), server.url_for("/old"), "ETag: abc") == HttpResponse(None, "ETag: abc")
    assert sent == [{"If-None-Match": "abc"}]


@pytest.mark.parametrize(
    "validator",
    [
        "",
        "abc",
        "ETag:abc",
        "ETag: ",
        "etag: abc",
        "Cookie: abc",
        "ETag: abc\r\nX-Evil: 1",
        "ETag: abc\n",
        "ETag: \nabc",
        "ETag: a\x00b",
        "ETag: \u00e9",
        "ETag: \ud800",
        "\nETag: abc",
        f"ETag: {'x' * 501}",
    ],
)
def test_an_invalid_validator_is_not_sent_and_not_modified_is_an_error(
    server, client, conditions, validator
):
    sent = conditions(304)
    with pytest.raises(StatusError) as caught:
        get(client(), server.url_for("/"), validator)
    assert caught.value.status == 304
    assert sent == [{}]
    assert "X-Evil" not in server.log[0][0].headers


def test_an_error_status_with_a_validator_is_an_error_too(server, client, conditions):
    conditions(404)
    error = failure(client(), server.url_for("/"), validator="ETag: abc")
    assert isinstance(error, StatusError)
