"""`python -P -m app.data scan | pieces`: the process that scans a dataset beside the app, and those that help it."""

import sys

from app.data.scan import scan_and_tell
from app.data.scan_workers import serve_pieces

if __name__ == "__main__":
    sys.exit({"scan": scan_and_tell, "pieces": serve_pieces}[sys.argv[1]]())
