"""Prints a SAM template as the CloudFormation template that AWS would make of it."""

import json
import sys

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform


class NoManagedPolicies:
    """Stands in for the list of AWS's managed policies, which takes an account to read."""

    def load(self):
        return {}


def main(path):
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    # The transformation accepts only uploaded code, and does not check the location.
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    json.dump(transform(template, {}, NoManagedPolicies()), sys.stdout, indent=2)


main(sys.argv[1])
