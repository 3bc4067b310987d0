"""What a browser does for the page: Panel components with their JavaScript in `static`."""
