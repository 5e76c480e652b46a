"""`python -m tk_worker`: one JSON request line on stdin, events as JSON lines on file descriptor 3."""

import sys

from tk_worker.dispatch import serve

if __name__ == "__main__":
    sys.exit(serve())
