"""Other servers, as a dictionary: what they publish, and what was posted to them."""

import json

from watchword.ports.outside import Fetched, FetchFailed, Outside


class FakeOutside:
    """`ways` goes into a context. `asked` lists what was fetched, `posted` what was posted where."""

    def __init__(self):
        self.documents, self.asked, self.posted, self.answers = {}, [], [], []
        self.ways = Outside(self, self)

    def publish(self, url, document):
        self.documents[url] = document if isinstance(document, bytes) else json.dumps(document).encode()

    async def get(self, url, *, accept="application/json"):
        self.asked.append(url)
        if url not in self.documents:
            raise FetchFailed(f"{url}: nobody answers")
        return Fetched(200, {"content-type": accept}, self.documents[url])

    async def post(self, url, *, form):
        self.posted.append((url, dict(form)))
        status = self.answers.pop(0) if self.answers else 200
        if status == 0:
            raise FetchFailed(f"{url}: nobody answers")
        return Fetched(status, {}, b"")
