"""HTML that panels show: no session, no widget."""
