"""Everything that can happen within a bound, and random schedules beyond it: the laws are asked in every state.

`python -m tests.exploration` explores further than the tests do, and prints the bound, what was counted, and the
shortest way into any state that breaks a law.
"""
