"""`python -m residual_vq_spark ...`, and the script for `spark-submit .../residual_vq_spark/__main__.py ...`, which finds the package around it."""

import sys
from pathlib import Path

if not __package__:
    here = Path(__file__).resolve().parent
    sys.path[:] = [path for path in sys.path if Path(path or ".").resolve() != here]  # its files are modules of the package, not of their own
    sys.path.insert(0, str(here.parent))

from residual_vq_spark.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
