"""The runner, for what a deployment has and a function alone has not: tables
in the DynamoDB at DYNAMODB_ENDPOINT, and an OIDC issuer."""

import base64
import json
import os
import re
import subprocess

from deployment import Fault


class Runner:
    """Is up once this is made, and makes the tables before that."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["cargo", "run", "--quiet", "--locked", "--", "--port", "0"],
            env=os.environ | {"RUST_LOG": "warn"},
            stdout=subprocess.PIPE,
            text=True,
        )
        for line in self.process.stdout:
            if token := re.match(r"\s*export TOKEN=(\S+)", line):
                self.token = token[1]
                return
        raise Fault("the runner ended before it printed a token")

    def claims(self):
        """What the token says: its issuer and audience are the deployment's."""
        payload = self.token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))

    def stop(self):
        self.process.terminate()
        self.process.wait()
