"""Reads the crisis lexicon and compiles it, once, to the Matcher that the pure screen receives."""

from bot.rules.compile import compile_rules
from bot.rules.documents import RulesError
from bot.rules.load import load_rules, read_documents

__all__ = ["RulesError", "compile_rules", "load_rules", "read_documents"]
