"""A process that ends in order takes nothing from those that stay: what they write afterwards, everyone sees."""

from tests.nemesis.processes import Light


def leave(node):
    node.pipe.send(None)
    assert node.hear() == "gone"


def test_a_process_that_leaves_does_not_split_the_store_for_those_that_stay(database):
    with Light("answer", database.url) as staying:
        staying.ready().ask("sign_up", username="ada")
        held = staying.ask("log_in", username="ada")
        both = [("family", {"token": held["refresh"]}), ("log_in", {"username": "ada"})]
        staying.ask("all", errands=both * 25)  # reads beside writes, so that it has more than one connection
        with Light("answer", database.url) as leaving:
            held = leaving.ready().ask("refresh", token=held["refresh"])
            leave(leaving)
        held = staying.ask("refresh", token=held["refresh"])
        with Light("answer", database.url) as newcomer:
            newcomer.ready()
            assert newcomer.ask("family", token=held["refresh"]) == staying.ask("family", token=held["refresh"])
            held = newcomer.ask("refresh", token=held["refresh"])
        assert staying.ask("refresh", token=held["refresh"])
    database.check()
