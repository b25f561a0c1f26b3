"""`python -m l2c.cli`."""

import os.path
import sys

if os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) != sys.path[0]:
    # It looks into the current folder first, whatever lies there. From here on it does not.
    del sys.path[0]

from l2c.cli.commands import main

sys.exit(main())
