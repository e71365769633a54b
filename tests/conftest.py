"""How Hypothesis searches: at leisure here; on a CI machine its own profile makes every run the same."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("at-leisure", deadline=None)
settings.register_profile("long", deadline=None, max_examples=3000)
settings.register_profile("mutants", deadline=None, max_examples=40, derandomize=True, database=None)
if "CI" not in os.environ:
    settings.load_profile("at-leisure")
