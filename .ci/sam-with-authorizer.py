"""The `sam` command, with the JWT authorizer that `sam local start-api` leaves out.

`sam local` plays Lambda authorizers only. Without the claims that a JWT authorizer
adds to an event Waybill's functions refuse everybody, and nothing in them switches
that off. So the claims are added here, where SAM makes the event: those of a token
for AUDIENCE that verifies with the keys of ISSUER, each as text.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html

Other than API Gateway, this lets a request without such a token through, for SAM
forgets which routes need none: it comes to the function without claims.
"""

import json
import os

import jwt
from samcli.cli.main import cli
from samcli.local.apigw.local_apigw_service import LocalApigwService
from samcli.local.lambdafn.env_vars import EnvironmentVariables

ISSUER, AUDIENCE = os.environ["ISSUER"], os.environ["AUDIENCE"]
KEYS = jwt.PyJWKClient(f"{ISSUER}/.well-known/jwks.json")
ENDPOINT = {name: os.environ[name] for name in ["AWS_ENDPOINT_URL_DYNAMODB"]}


def verified(token):
    """The claims of a token, or None if it is none to trust."""
    try:
        key = KEYS.get_signing_key_from_jwt(token)
        return jwt.decode(token, key, ["RS256"], audience=AUDIENCE, issuer=ISSUER)
    except jwt.PyJWTError:
        return None


def text(claim):
    if isinstance(claim, list):
        return f"[{' '.join(map(text, claim))}]"
    return claim if isinstance(claim, str) else json.dumps(claim)


def with_claims(make_event):
    def make(self, request, *route):
        event = make_event(self, request, *route)
        claims = verified(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if claims is not None:
            claims = {name: text(claim) for name, claim in claims.items() if claim is not None}
            event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
        return event

    return make


def with_endpoint(variables):
    """`sam local` gives a function only the variables that the template declares,
    and no function that is deployed is told where DynamoDB is."""
    return lambda self: variables(self) | ENDPOINT


LocalApigwService._generate_lambda_event = with_claims(LocalApigwService._generate_lambda_event)
EnvironmentVariables.resolve = with_endpoint(EnvironmentVariables.resolve)
cli()
