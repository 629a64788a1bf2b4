"""What is sent, and which results of a load count."""

import json

import pytest
from bench.load import Load, VoidLoad, load_of, raw_request, read_burst
from bench.measures import slowest_refusal
from bench.prober import length_of
from bench.readings import taken_apart, warming_seconds

RESULT = {"requests": 10, "answers": 10, "mismatches": 0, "seconds": 2.0, "failed": 0, "p50_ms": 1, "p99_ms": 2}


def printed(**changes):
    return "Running\nRESULT " + json.dumps({**RESULT, "sample": "", **changes}) + "\n"


def test_a_rate_counts_checked_answers():
    burst = read_burst(printed())
    assert (burst.rate, burst.answers, burst.p99_ms) == (5.0, 10, 2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no result"),
        (printed(mismatches=1, sample="401 no"), "1 of 10 answers were wrong, as: 401 no"),
        (printed(failed=2), "2 requests failed"),
        (printed(answers=0), "0 were answered"),
    ],
)
def test_a_load_with_anything_wrong_gives_no_figure(text, reason):
    with pytest.raises(VoidLoad, match=reason):
        read_burst(text)


def test_a_request_can_be_taken_apart_again():
    request = raw_request("POST", "/token", {"Authorization": "Basic YTpi"}, "a=b")
    headers = {"Host": "bench", "Authorization": "Basic YTpi", "Content-Length": "3"}
    assert taken_apart(request) == ("POST", "/token", headers, "a=b")


def test_tokens_in_a_file_become_a_request_each(tmp_path):
    (tmp_path / "tokens.txt").write_text("one\ntwo", encoding="ascii")
    load = load_of({"path": "/protected", "tokens": "tokens.txt", "expected": "{}"}, tmp_path)
    sent = [taken_apart(request)[2]["Authorization"] for request in load.requests]
    assert sent == ["Bearer one", "Bearer two"]


def test_many_requests_are_warmed_for_longer_than_one():
    one, many = Load(requests=[b"x"]), Load(requests=[b"x"] * 10_000)
    assert warming_seconds(one) < warming_seconds(many)


def test_the_prober_reads_the_length_of_an_answer():
    assert length_of(b"HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n") == 17
    with pytest.raises(ValueError, match="without Content-Length"):
        length_of(b"HTTP/1.1 200 OK\r\n\r\n")


def flood(refused, ms=100.0, retry_after=True):
    good = {"status": 200, "ms": 3000.0, "retry_after": False}
    return [good] * (256 - refused) + [{"status": 503, "ms": ms, "retry_after": retry_after}] * refused


def test_a_flood_may_be_refused_in_part_and_in_time():
    assert slowest_refusal(flood(100)) == 100.0
    assert slowest_refusal(flood(0)) == 0.0


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (flood(256), "256 refused"),
        (flood(10)[:-1], "255 answers"),
        (flood(10, retry_after=False), "no Retry-After"),
        ([*flood(0)[:-1], {"status": 500, "ms": 1.0, "retry_after": False}], "others"),
    ],
)
def test_a_flood_that_is_answered_otherwise_gives_no_figure(answers, reason):
    with pytest.raises(VoidLoad, match=reason):
        slowest_refusal(answers)
