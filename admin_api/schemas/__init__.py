"""What goes over the wire: one file a resource, every field with its meaning and an example."""
