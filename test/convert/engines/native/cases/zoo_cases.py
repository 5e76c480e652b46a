"""Small networks in the manner of many, exported by both of torch's exporters.

Usage: zoo_cases.py FOLDER [NAME…].
"""

import sys
from pathlib import Path

from exports import Network, write
from zoo import blocks, dense, detection, operations, pictures, sequences, text

NETWORKS: dict[str, Network] = {
    **blocks.NETWORKS,
    **dense.NETWORKS,
    **detection.NETWORKS,
    **sequences.NETWORKS,
    **operations.NETWORKS,
    **text.NETWORKS,
    **pictures.NETWORKS,
}

if __name__ == "__main__":
    write(NETWORKS, Path(sys.argv[1]), sys.argv[2:])
