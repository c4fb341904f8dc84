"""Checks a template that expand-template.py has expanded, and names each fault's place."""

import json
import re
import sys
from pathlib import Path

from cfnlint.api import lint_file
from cfnlint.config import ManualArgs


def lint(path, region):
    """What cfn-lint finds, without its lists of everything that there is instead."""
    for match in lint_file(path, config=ManualArgs(regions=[region])):
        place = "/".join(str(part) for part in match.path or [])
        message = re.sub(r"is not one of \[.*\]", "is none of what may stand here", match.message)
        yield f"{match.rule.id} {place}: {message}"


def without_api(resources):
    """SAM gives events without an ApiId an API of this name, which has no authorizer."""
    if "ServerlessHttpApi" in resources:
        yield "an HttpApi event has no ApiId: anybody could call its route"


def lost_cors(resources):
    """SAM keeps only one property of a CORS configuration that it does not understand."""
    for name, resource in resources.items():
        body = resource.get("Properties", {}).get("Body", {})
        cors = json.dumps(body.get("x-amazon-apigateway-cors", "none"))
        for part in ("allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders", "maxAge"):
            if cors != '"none"' and f'"{part}"' not in cors:
                yield f"Resources/{name}: the CORS configuration has no {part}"


def broken_dashboards(resources):
    """A dashboard is JSON in a string, which cfn-lint does not read."""
    for name, resource in resources.items():
        if resource["Type"] == "AWS::CloudWatch::Dashboard":
            try:
                json.loads(resource["Properties"]["DashboardBody"]["Fn::Sub"])
            except json.JSONDecodeError as error:
                yield f"Resources/{name}/Properties/DashboardBody: is not JSON: {error}"


def main(path, region):
    resources = json.loads(path.read_text(encoding="utf-8"))["Resources"]
    finders = (without_api, lost_cors, broken_dashboards)
    faults = [*lint(path, region), *(fault for find in finders for fault in find(resources))]
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(bool(faults))


main(Path(sys.argv[1]), sys.argv[2])
