"""`watchword roles` on a SQLite file."""

ADMIN = {"name": "admin", "permissions": ["admin"], "description": ""}


def test_the_role_admin_is_there_from_the_start(run_json):
    assert run_json("roles", "list") == [ADMIN]


def test_a_role_is_made_and_replaced(run_json):
    made = run_json("roles", "add", "editor", "--permission", "write", "--permission", "read", "--description", "Edits")
    assert made == {"name": "editor", "permissions": ["read", "write"], "description": "Edits"}
    replaced = run_json("roles", "add", "editor", "--permission", "read")
    assert run_json("roles", "list") == [ADMIN, replaced]
    assert replaced["permissions"] == ["read"]


def test_admin_keeps_its_permission(run_json):
    assert run_json("roles", "add", "admin", "--permission", "extra")["permissions"] == ["admin", "extra"]


def test_a_malformed_role_is_refused(run, run_json):
    assert run("roles", "add", "two words", expect=1).stderr.count("\n") == 1
    assert run_json("roles", "list") == [ADMIN]


def test_a_role_is_given_and_taken(add_user, run, run_json):
    add_user("ada")
    run("roles", "add", "editor")
    assert run("roles", "grant", "editor", "ada").stdout == "ada has the role editor.\n"
    assert [user["roles"] for user in run_json("users", "list")] == [["editor"]]
    assert run("roles", "withdraw", "editor", "ada").stdout == "ada does not have the role editor.\n"
    assert [user["roles"] for user in run_json("users", "list")] == [[]]


def test_a_role_or_user_that_does_not_exist_is_refused(add_user, run):
    add_user("ada")
    assert run("roles", "grant", "nothing", "ada", expect=1).stderr != ""
    assert run("roles", "grant", "admin", "nobody", expect=1).stderr != ""
    assert run("roles", "delete", "nothing", expect=1).stderr != ""


def test_deleting_a_role_takes_it_from_everyone(add_user, run, run_json):
    run("roles", "add", "editor")
    add_user("ada", "--role", "editor")
    assert run("roles", "delete", "editor").stdout == "The role editor is deleted.\n"
    assert run_json("roles", "list") == [ADMIN]
    assert [user["roles"] for user in run_json("users", "list")] == [[]]


def test_the_role_admin_cannot_be_deleted(run, run_json):
    assert "admin" in run("roles", "delete", "admin", expect=1).stderr
    assert run_json("roles", "list") == [ADMIN]
