"""The transcripts once more, on the real channels: real payloads in, real requests out, the same story."""
