"""The command line of Sebaya."""
