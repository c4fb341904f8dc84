"""What `.ci/build-binaries` made of template.yaml."""

import dataclasses
import os
import pathlib

from samcli.yamlhelper import yaml_parse

STACK = "waybill"
"""The runner's, with which the names of its tables begin."""

BUILDS = {"arm64": (".aws-sam/build", 0xB7), "x86_64": (".aws-sam/x86_64", 0x3E)}
"""Where the functions for a processor are, and its number in an ELF header."""


class Fault(Exception):
    """What is wrong, and with which function."""


@dataclasses.dataclass
class Function:
    """A function, built."""

    name: str
    """The binary's, such as create-order."""
    bootstrap: pathlib.Path
    environment: dict


def functions(architecture, given):
    """The template's functions, built for `architecture`. Their variables are the
    template's, but those that are `given`, which only a deployment decides."""
    directory, machine = BUILDS[architecture]
    built = pathlib.Path(directory, "template.yaml")
    if not built.is_file():
        raise Fault(f"{built} is not there: run .ci/build-binaries first")
    template = yaml_parse(built.read_text())
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        name = resource["Metadata"]["BuildProperties"]["Binary"]
        bootstrap = pathlib.Path(directory, logical_id, "bootstrap")
        if not bootstrap.is_file():
            raise Fault(f"{name}: template.yaml names this binary, and {bootstrap} is not there")
        if machine_of(bootstrap) != machine:
            raise Fault(f"{name}: {bootstrap} is no program for {architecture}")
        own = variables(template, name, resource, given)
        yield Function(name, bootstrap, lambdas(name) | own)


def hello():
    """The function that the others are measured against."""
    program = pathlib.Path(os.environ["CARGO_TARGET_DIR"], "lambda/hello/bootstrap")
    return Function("hello", program, lambdas("hello"))


def machine_of(program):
    """The number of the processor that an ELF program is for."""
    with open(program, "rb") as file:
        return int.from_bytes(file.read(20)[18:], "little")


def lambdas(name):
    """The variables that Lambda itself sets, here for the DynamoDB beside this."""
    return {
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_REGION": "local",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_ENDPOINT_URL_DYNAMODB": os.environ["DYNAMODB_ENDPOINT"],
    }


def variables(template, function, resource, given):
    declared = {}
    for place in template["Globals"]["Function"], resource["Properties"]:
        declared |= place.get("Environment", {}).get("Variables", {})
    for name in declared:
        what = f"{function}: {name}"
        declared[name] = given.get(name) or value(template, what, declared[name])
    return declared


def value(template, what, declared):
    """The text of a literal, of a parameter's default, or a table's name."""
    if not isinstance(declared, dict):
        return str(declared)
    name = declared.get("Ref")
    if template["Resources"].get(name, {}).get("Type") == "AWS::DynamoDB::Table":
        return f"{STACK}-{name}"
    if "Default" in template["Parameters"].get(name, {}):
        return str(template["Parameters"][name]["Default"])
    raise Fault(f"{what} is {declared} in template.yaml: .ci/binaries has to give it a value")
