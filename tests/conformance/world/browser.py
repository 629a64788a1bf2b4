"""A browser with cookies and no scripts, and a person at it who logs in and agrees."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
from tests.conformance.world.pages import Page, read_page

MOST_STEPS = 12


@dataclass(frozen=True)
class Person:
    """Somebody with an account."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Landing:
    """The browser is back at the application, with this answer."""

    url: str
    method: str
    fields: dict
    seen: tuple = ()
    """The kinds of the pages on the way."""


@dataclass(frozen=True)
class Stop:
    """The browser came to a page on which there is nothing to do."""

    page: Page
    seen: tuple = ()


class Browser:
    """One browser.

    Args:
        context: whom it trusts.
        person: who sits at it.
    """

    def __init__(self, context, person):
        self.person = person
        self._http = httpx2.Client(verify=context, trust_env=False, headers={"Accept": "text/html"}, timeout=20)

    def close(self):
        self._http.close()

    @property
    def cookies(self):
        return {cookie.name: cookie.value for cookie in self._http.cookies.jar}

    def get(self, url):
        """Follow an address to its page, wherever it leads."""
        return read_page(self._send("GET", url))

    def visit(self, url, *, until, fields=None, allow=True):
        """Go there, do as asked on each page, and return a `Landing` where an address begins with `until`.

        Args:
            url: where to go.
            until: addresses of the application.
            fields: what to post there; None is a GET.
            allow: what the person answers when asked for consent.
        """
        seen = []
        method = "GET" if fields is None else "POST"
        for _ in range(MOST_STEPS):
            if url.startswith(until):
                return _landing(url, method, fields, tuple(seen))
            response = self._send(method, url, fields)
            if response.is_redirect:
                method, url, fields = _redirected(response, method, fields)
                continue
            page = read_page(response)
            if not page.kind:
                return Stop(page, tuple(seen))
            seen.append(page.kind)
            method, url, fields = self._act(page, allow)
        raise AssertionError(f"no end of pages: {seen}")

    def open(self, url, fields=None):
        """Go there and return the page, on which the person does nothing yet."""
        method = "GET" if fields is None else "POST"
        for _ in range(MOST_STEPS):
            response = self._send(method, url, fields)
            if not response.is_redirect:
                return read_page(response)
            method, url, fields = _redirected(response, method, fields)
        raise AssertionError("no end of redirections")

    def press(self, page, button, *, until):
        """Press a button of the page, and go on as `visit` does."""
        form = next(form for form in page.forms if button in form.buttons)
        return self.visit(form.action, until=until, fields={**form.fields, button[0]: button[1]})

    def _act(self, page, allow):
        form = page.form
        fields = dict(form.fields)
        if page.kind == "login":
            fields |= {"username": fields["username"] or self.person.username, "password": self.person.password}
        elif page.kind == "account":
            fields |= {"account": "same"}
        elif page.kind in {"consent", "logout"}:
            yes, no = {"consent": ("allow", "deny"), "logout": ("yes", "no")}[page.kind]
            fields |= {"decision": yes if allow else no}
        return form.method, form.action, fields

    def _send(self, method, url, fields=None):
        response = self._http.request(method, url, data=fields)
        for cookie in response.headers.get_list("set-cookie"):
            _check_cookie(cookie)
        return response


def _redirected(response, method, fields):
    target = str(response.url.join(response.headers["location"]))
    keeps = response.status_code in {307, 308}
    return (method, target, fields) if keeps else ("GET", target, None)


def _landing(url, method, fields, seen):
    if method == "POST":
        return Landing(url, method, dict(fields), seen)
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query or parts.fragment, keep_blank_values=True)
    assert len(dict(pairs)) == len(pairs), "a parameter comes twice"
    return Landing(url, method, dict(pairs), seen)


def _check_cookie(text):
    """A browser would drop a `__Host-` cookie that is not what its name says, and a login cookie is for HTTP alone."""
    first, *rest = [part.strip() for part in text.split(";")]
    attributes = {part.partition("=")[0].lower(): part.partition("=")[2] for part in rest}
    assert first.startswith("__Host-"), text
    assert {"secure", "samesite"} <= attributes.keys(), text
    assert attributes.get("path") == "/", text
    assert "domain" not in attributes, text


def with_query(url, parameters):
    """Return an address with these parameters, those that are None left out."""
    kept = {name: value for name, value in parameters.items() if value is not None}
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(kept)}"
