"""The tests of Sebaya, and the loopback platforms they run against."""
