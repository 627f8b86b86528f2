"""`python -m shopstack`: the same command as `shopstack`."""

import sys

from shopstack.cli import main

sys.exit(main())
