"""Write the data of the three examples, or compare it with what is there.

    python examples/generate.py            writes examples/*/data
    python examples/generate.py --check    exits 1 and names the files that differ

The same bytes come out on every platform and in every year: seeded chance, no clock.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from _make import marketing, sales, support

HERE = Path(__file__).resolve().parent


def contents() -> dict[Path, bytes]:
    """Return every generated file by its path below `examples/`."""
    cases = {"sales": sales, "marketing": marketing, "support": support}
    return {
        Path(case, "data", name): data
        for case, module in cases.items()
        for name, data in module.files().items()
    }


def differing(files: dict[Path, bytes]) -> list[Path]:
    """Return the paths whose committed bytes are not the generated ones, strays among them."""
    there = {path.relative_to(HERE) for path in HERE.glob("*/data/*")}
    wrong = {path for path in there & files.keys() if (HERE / path).read_bytes() != files[path]}
    return sorted(wrong | (there ^ files.keys()))


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the data of the examples.")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    files = contents()
    if parser.parse_args().check:
        wrong = differing(files)
        for path in wrong:
            print(f"differs: {path.as_posix()}", file=sys.stderr)
        return 1 if wrong else 0
    for path, data in files.items():
        target = HERE / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        print(f"{path.as_posix()}  {len(data)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
