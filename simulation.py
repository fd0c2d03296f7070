"""`python -m simulation --seed N --runs M`, from the root of the repository."""

import sys

from proof.simulation.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
