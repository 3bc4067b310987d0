"""From data to Bokeh figures: no session, no file, no widget."""
