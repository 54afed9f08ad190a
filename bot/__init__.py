"""Makes it so: channels, the store, the engine and delivery around the flows."""
