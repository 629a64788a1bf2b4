"""No module is forgotten: each runs with every response type that it is for."""

import pytest
from tests.conformance.legacy.modules import expected


@pytest.fixture
def collected(request):
    """The names and ids of the tests of this folder that were found, by module and response type."""
    items = [item for item in request.session.items if item.path.parent.name == "legacy" and hasattr(item, "callspec")]
    if not {"test_hybrid.py", "test_hybrid_and_implicit.py"} <= {item.path.name for item in items}:
        pytest.skip("only a part of the tests is run: whether one is missing cannot be told")
    return {pair for item in items for pair in named(item)}


def named(item):
    """A test stands for the module that it is called, or for that of an id among its parameters."""
    response_type = item.callspec.params["response_type"]
    ids = (
        item.callspec.id.removeprefix(response_type).strip("-"),
        item.callspec.id.removesuffix(response_type).strip("-"),
    )
    own = item.originalname.removeprefix("test_oidcc_").replace("_", "-")
    return {(name, response_type) for name in (own, *ids)}


def test_every_module_has_its_test_for_every_response_type(collected):
    assert expected() - collected == set()
