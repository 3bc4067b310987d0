"""One person's page: state, link, panels, and the server that hands it out. The only room that knows Panel."""
