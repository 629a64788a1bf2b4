"""No module is forgotten: each that was named has a test, which is what it is called."""

import re
from collections import Counter

import pytest
from tests.conformance.modules import SIZES, name_of, plans

MODES = ("query", "form_post")


@pytest.fixture(scope="session")
def collected(request):
    """The tests of this folder that were found, as `file::test[id]`."""
    found = Counter()
    for item in request.session.items:
        if item.path.parent.name == "conformance":
            found[f"{item.path.name}::{item.name}"] += 1
    if len({name.split("::")[0] for name in found}) < 8:
        pytest.skip("only a part of the tests is run: whether one is missing cannot be told")
    return found


def without_mode(name):
    """The name without the response mode among its ids."""
    name = re.sub(rf"\[({'|'.join(MODES)})\]$", "", name)
    return re.sub(rf"\[(?:{'|'.join(MODES)})-(.*)\]$|\[(.*)-(?:{'|'.join(MODES)})\]$", _kept, name)


def _kept(match):
    return f"[{match[1] or match[2]}]"


def test_each_plan_has_as_many_modules_as_were_named():
    assert {plan: len(set(modules)) for plan, modules in plans().items()} == SIZES


def test_every_module_has_its_test(collected):
    names = {without_mode(name) for name in collected}
    missing = [
        f"{plan}: {module}"
        for plan, modules in plans().items()
        for module in modules
        if name_of(plan, module) not in names
    ]
    assert missing == []


def test_the_basic_modules_run_in_both_response_modes(collected):
    basic = Counter(without_mode(name) for name in collected if name.startswith("test_basic.py"))
    assert {name: count for name, count in basic.items() if count != len(MODES)} == {}


def test_no_test_has_a_name_that_is_no_module(collected):
    known = {name_of(plan, module) for plan, modules in plans().items() for module in modules}
    tests = {without_mode(name) for name in collected if "::test_oidcc_" in name}
    assert tests - known == set()
