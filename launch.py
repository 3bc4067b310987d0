"""Open the inspector in a browser: ``python launch.py [FILE… FOLDER…] [options]``."""

import sys

from inspector.web.server.command import main

if __name__ == "__main__":
    sys.exit(main())
