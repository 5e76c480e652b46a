"""Single nodes as exporters write them, whose sizes only the run tells. Usage: habits.py FOLDER."""

import sys
from pathlib import Path

from cases import add_case, model_of
from written import numbers, pictures, shapes
from written.case import Case

CASES: dict[str, Case] = {**pictures.CASES, **shapes.CASES, **numbers.CASES}


def main(folder: Path) -> None:
    """Writes every case."""
    for name, (text, feeds) in CASES.items():
        add_case(folder / name, model_of(text), feeds, reference="DeformConv" in text)
    for name, (text, feeds) in pictures.BY_REFERENCE.items():
        add_case(folder / name, model_of(text), feeds, reference=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
