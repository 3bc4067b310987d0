"""From bytes on disk to values of `inspector.science`, and back; here lies what more than one of its rooms uses."""
