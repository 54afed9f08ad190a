"""Editing the crisis lexicon while the service runs: proposals, dry runs, versions, marks and examples."""
