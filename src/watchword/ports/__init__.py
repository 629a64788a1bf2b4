"""What the use cases need from outside: Protocols only.

A store method does one thing, exactly once, is durable on return, and says what happened. Verbs that must have one
winner compare and set in one step and return an enum. Every method may raise `StoreUnavailable`. Expiry is compared
with the `now` that is passed in. Times keep milliseconds.
"""
