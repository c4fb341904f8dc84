"""What schemathesis.toml cannot say."""

import cases
import verdicts
