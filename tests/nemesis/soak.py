"""`make soak`: the long form of every contract, on every database that is there, with its figures as JSON lines.

The figures go to standard output, one line for each contract and database, as they come; what pytest says goes to
standard error. It ends by itself, with pytest's exit code.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).parent


def print_new(figures: Path, since: int) -> int:
    """Print the lines that came since, and return how much has been printed."""
    text = figures.read_text(encoding="utf-8")
    whole = text.rfind("\n") + 1
    sys.stdout.write(text[since:whole])
    sys.stdout.flush()
    return max(since, whole)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="watchword-soak-") as directory:
        figures, printed, never = Path(directory) / "figures", 0, threading.Event()
        figures.touch()
        begun = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", str(HERE), "-p", "no:cacheprovider", "-o", "timeout=0", *sys.argv[1:]],
            env={**os.environ, "NEMESIS": "soak", "NEMESIS_FIGURES": str(figures)},
            stdout=sys.stderr,
        )
        while process.poll() is None:
            never.wait(1)
            printed = print_new(figures, printed)
        print_new(figures, printed)
        sys.stderr.write(f"{(time.monotonic() - begun) / 60:.0f} minutes\n")
        return process.returncode


if __name__ == "__main__":
    sys.exit(main())
