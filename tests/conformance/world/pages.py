"""Reads a page as a browser without scripts does: its forms, with what they would send, its frames, its text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin


@dataclass
class Form:
    """A form: where it goes, how, the fields that are sent in any case, and its buttons as `(name, value)`."""

    action: str
    method: str
    name: str
    fields: dict = field(default_factory=dict)
    passwords: list = field(default_factory=list)
    buttons: list = field(default_factory=list)


@dataclass
class Page:
    """What a browser shows."""

    url: str
    status: int
    headers: dict
    html: str
    forms: list = field(default_factory=list)
    links: list = field(default_factory=list)
    images: list = field(default_factory=list)
    frames: list = field(default_factory=list)
    scripts: list = field(default_factory=list)
    text: str = ""

    @property
    def kind(self):
        """What the person is asked for: `login`, `consent`, `account`, `logout`, `form_post`; empty for nothing."""
        return next((kind for kind, form in map(_kind, self.forms) if form), "")

    @property
    def form(self):
        """The form that the person fills in."""
        return next(form for form in self.forms if _kind(form)[1])


BUTTONS = {("decision", "allow"): "consent", ("account", "same"): "account", ("decision", "yes"): "logout"}


def _kind(form):
    if form.passwords and "username" in form.fields and "email" not in form.fields:
        return "login", form
    if form.name == "form_post":
        return "form_post", form
    return next(((kind, form) for button, kind in BUTTONS.items() if button in form.buttons), ("", None))


class _Reader(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.page = page
        self.form = None
        self.words = []

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        for each, source, places in (
            ("a", "href", self.page.links),
            ("img", "src", self.page.images),
            ("iframe", "src", self.page.frames),
            ("script", "src", self.page.scripts),
        ):
            if tag == each and source in given:
                places.append(urljoin(self.page.url, given[source]))
        if tag == "form":
            action = urljoin(self.page.url, given.get("action", ""))
            self.form = Form(action, given.get("method", "get").upper(), given.get("id", ""))
            self.page.forms.append(self.form)
        elif tag in {"input", "button"} and self.form is not None:
            self._field(tag, given)

    def _field(self, tag, given):
        kind, name, value = given.get("type", "text"), given.get("name"), given.get("value", "")
        if tag == "button" or kind == "submit":
            self.form.buttons.append((name, value))
        elif name:
            self.form.fields[name] = value
            if kind == "password":
                self.form.passwords.append(name)

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None

    def handle_data(self, data):
        self.words += data.split()


def read_page(response):
    """Return the page of an answer."""
    page = Page(str(response.url), response.status_code, dict(response.headers), response.text)
    if response.headers.get("content-type", "").startswith("text/html"):
        reader = _Reader(page)
        reader.feed(response.text)
        page.text = " ".join(reader.words)
    return page
