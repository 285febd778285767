"""`python -m myna` is the `myna` command."""
import sys

from myna.command import main

sys.exit(main())
