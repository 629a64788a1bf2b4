"""The refresh family as a whole against a simple model: any order of refreshing, waiting, revoking and disabling."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.contracts.records import some_client
from tests.flows.world import World

from watchword.config import TokenConfig
from watchword.core.errors import InvalidGrant, InvalidScope
from watchword.core.models.grants import FamilyStatus
from watchword.flows import admin
from watchword.flows.exchange import TokenRequest
from watchword.flows.token import issue_token
from watchword.ports.outside import Verdict

GRACE = timedelta(seconds=10)
IDLE, ABSOLUTE = timedelta(days=2), timedelta(days=5)
FULL = frozenset({"read", "write"})
REQUESTS = {None: FULL, "read": frozenset({"read"}), "write read": FULL, "read audit": frozenset({"read", "audit"})}
ENOUGH = 3
"""Generations before anything is ended from outside, so that most runs are about refreshing."""
SCOPES = st.sampled_from([None, None, None, "write read", "read", "read audit"])
STEPS = [0.001, 1, 9.999, 10, 60, 3600, 86_400, 172_799, 172_800, -1, -9, -3600]


class PlainHasher:
    """Takes no time, and runs in no thread."""

    async def hash(self, password):
        return password

    async def verify(self, password, password_hash):
        return Verdict(password == password_hash)


class RefreshFamilyMachine(RuleBasedStateMachine):
    """`texts` holds what was handed out by generation; the rest is what the family should be."""

    def run(self, coroutine):
        return self.runner.run(coroutine)

    @initialize(grace=st.sampled_from([GRACE, timedelta(0)]))
    def begin(self, grace):
        tokens = TokenConfig(refresh_grace=grace, refresh_idle_ttl=IDLE, refresh_max_ttl=ABSOLUTE)
        self.open_world(tokens)
        object.__setattr__(self.world.ctx, "hasher", PlainHasher())
        self.run(self.world.ctx.start(follow=False))
        self.user = self.run(self.world.sign_up(self.name))
        self.run(self.world.sign_up(f"not-{self.name}"))
        self.bystander = self.run(self.world.login(f"not-{self.name}"))
        self.stranger = some_client(grants=frozenset({"refresh_token"}), scopes=FULL)
        self.run(self.world.stores.clients.add(self.stranger))
        self.grace = grace
        self.log_in()

    def open_world(self, tokens):
        """Make `world`, whose store is empty but for people of other names than `name`."""
        self.runner, self.name = asyncio.Runner(), "ada"
        self.world = World(tokens=tokens)

    def close_world(self):
        self.runner.close()

    def log_in(self):
        self.first = self.run(self.world.login(self.name))
        self.generation, self.texts = 1, {1: self.first.refresh_token}
        self.dead = self.disabled = False
        self.rotated_at = self.rotated_scopes = None
        self.idle_ends, self.ends = self.world.clock.now() + IDLE, self.world.clock.now() + ABSOLUTE

    @property
    def expired(self):
        return self.world.clock.now() >= min(self.idle_ends, self.ends)

    def expect(self, generation, wanted):
        """Return what should happen: `rotate`, `repeat`, `scope` or `refuse`; remembers that a replay kills."""
        now = self.world.clock.now()
        if generation != self.generation:
            last = generation == self.generation - 1 and wanted == self.rotated_scopes
            if not (last and abs(now - self.rotated_at) < self.grace):
                self.dead = True
                return "refuse"
            return "refuse" if self.expired else "repeat"
        if self.expired:
            return "refuse"
        if not wanted <= FULL:
            return "scope"
        return "rotate"

    @precondition(lambda self: not self.dead)
    @rule(scope=SCOPES)
    def show_the_newest(self, scope):
        self.refresh(self.generation, scope)

    @precondition(lambda self: not self.dead and self.generation > 1)
    @rule(scope=SCOPES)
    def show_the_predecessor(self, scope):
        self.refresh(self.generation - 1, scope)

    @precondition(lambda self: not self.dead and self.generation > ENOUGH)
    @rule(age=st.integers(2, ENOUGH))
    def show_an_older_one(self, age):
        self.refresh(self.generation - age, None)

    @precondition(lambda self: not self.dead)
    @rule(age=st.integers(0, ENOUGH))
    def show_one_as_another_client(self, age):
        """It is refused, and harms nothing: whoever holds a token must not be able to end it as somebody else."""
        form = {"grant_type": "refresh_token", "refresh_token": self.texts[max(1, self.generation - age)]}
        request = TokenRequest(form=form, basic=(self.stranger.id, "not-a-real-secret"))
        with pytest.raises(InvalidGrant):
            self.run(issue_token(self.world.ctx, request))

    def refresh(self, generation, scope):
        expected = self.expect(generation, REQUESTS[scope])
        form = {} if scope is None else {"scope": scope}
        try:
            answer = self.run(self.world.refresh(self.texts[generation], **form))
        except InvalidScope:
            assert expected == "scope"
        except InvalidGrant:
            assert expected == "refuse"
        else:
            self.check_success(expected, answer, REQUESTS[scope])

    def check_success(self, expected, answer, wanted):
        now = self.world.clock.now()
        assert expected in {"rotate", "repeat"}
        if expected == "rotate":
            self.generation += 1
            self.rotated_at, self.rotated_scopes, self.idle_ends = now, wanted, now + IDLE
            assert answer.refresh_token not in self.texts.values()
            self.texts[self.generation] = answer.refresh_token
        assert answer.refresh_token == self.texts[self.generation]
        assert frozenset(answer.scope.split()) == wanted
        assert self.run(self.world.who(answer)).subject == self.user.id

    @rule(seconds=st.sampled_from(STEPS))
    def wait(self, seconds):
        self.world.clock.tick(seconds)

    @precondition(lambda self: not self.dead and self.generation > ENOUGH)
    @rule(age=st.integers(0, ENOUGH))
    def revoke(self, age):
        self.run(self.world.revoke(self.texts[self.generation - age]))
        self.dead = True

    @precondition(lambda self: not self.dead and self.generation > ENOUGH)
    @rule()
    def disable(self):
        self.run(admin.disable_user(self.world.ctx, self.user.id))
        self.disabled = self.dead = True

    @precondition(lambda self: self.dead or self.expired)
    @rule()
    def start_again(self):
        self.check_that_the_dead_stay_dead()
        if self.disabled:
            self.run(admin.enable_user(self.world.ctx, self.user.id))
            self.check_that_the_dead_stay_dead()
        self.log_in()

    def check_that_the_dead_stay_dead(self):
        for text in self.texts.values() if self.dead else ():
            with pytest.raises(InvalidGrant):
                self.run(self.world.refresh(text))

    @invariant()
    def there_is_one_line_of_descent(self):
        if hasattr(self, "world"):
            family = self.run(self.world.family(self.first))
            assert family.generation == self.generation
            assert family.expires_at == self.ends
            assert (family.status is FamilyStatus.REVOKED) == self.dead

    @invariant()
    def the_bystander_is_never_touched(self):
        if hasattr(self, "world"):
            assert self.run(self.world.family(self.bystander)).status is FamilyStatus.ACTIVE

    def teardown(self):
        if hasattr(self, "world"):
            self.check_that_the_dead_stay_dead()
            self.run(self.world.ctx.close())
            self.close_world()


TestRefreshFamily = RefreshFamilyMachine.TestCase
TestRefreshFamily.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
