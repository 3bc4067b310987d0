"""From bytes on disk to values of `inspector.science`, and back; at the top, what several of its folders use."""
