"""Every peer declares what it must, and every case names programs that exist."""

import re

import pytest
from bench.cases import CASES
from bench.declarations import peer_files, peers, read_peer
from bench.driver import environments_of
from bench.fleet import BARE
from bench.measures import MEASURES
from bench.places import PEERS
from bench.report import PLACES


@pytest.mark.parametrize("file", peer_files(), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_peer_declares_what_it_must(file):
    peer = read_peer(file)
    assert peer.title
    assert peer.documented
    assert (PEERS / f"{peer.environment}.txt").is_file() or (PEERS / peer.environment / "package.json").is_file()


@pytest.mark.parametrize("file", peer_files(), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_peer_serves_the_loads_that_it_declares(file):
    text = file.read_text(encoding="utf-8")
    assert [load for load in read_peer(file).loads if not re.search(rf'\b"?{load}"?: ', text)] == []
    assert "/bench/ready" in text


@pytest.mark.parametrize("text", ["", "PEER = {'title': 'x'}", "OTHER = 1"])
def test_a_peer_that_declares_too_little_is_refused(tmp_path, text):
    file = tmp_path / "peer.py"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="must declare exactly"):
        read_peer(file)


def test_every_python_peer_pins_its_versions():
    for file in PEERS.glob("*.txt"):
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
        assert lines
        assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+(\[[a-z0-9]+\])?==[0-9.]+", line)] == []


def test_every_case_is_measured_in_a_known_way_and_has_a_name_of_its_own():
    assert {case.kind for case in CASES} <= set(MEASURES)
    assert {case.unit for case in CASES} <= set(PLACES)
    names = [case.name for case in CASES]
    assert sorted(set(names)) == sorted(names)


def test_every_program_of_a_case_exists_and_has_the_load():
    known = peers()
    for case in CASES:
        for side in (case.subject, case.base):
            name = side.program.name if side and side.program else "watchword"
            assert name in known or name == "watchword" or name.startswith(BARE)
            if name in known:
                assert side.load in known[name].loads


def test_the_bare_side_has_the_versions_of_the_guarded_one():
    for case in CASES:
        if case.base and case.base.program and case.base.program.name.startswith(BARE):
            assert len(environments_of([case])) == 1
