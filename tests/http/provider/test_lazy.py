"""What an application that is no authorization server does not load, and what it does not serve."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from fastapi import FastAPI
from watchword import Auth
app = FastAPI()
Auth().install(app, provider={provider})
print(sorted(name for name in ("jinja2", "watchword.fastapi.pages.render") if name in sys.modules))
"""


@pytest.mark.parametrize(
    ("provider", "loaded"), [(False, "[]"), (True, "['jinja2', 'watchword.fastapi.pages.render']")]
)
def test_pages_are_loaded_where_there_is_a_provider_only(tmp_path, provider, loaded):
    program = PROGRAM.format(provider=provider)
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == loaded


def test_without_jinja2_it_says_what_to_install(tmp_path):
    program = "import sys; sys.modules['jinja2'] = None\n" + PROGRAM.format(provider=True)
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "watchword.core.errors.ConfigError: Hosted pages need Jinja2: install `watchword[pages]`." in done.stderr
