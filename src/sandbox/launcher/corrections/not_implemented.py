"""What moto cannot do is said as AWS says an error, with a status that no SDK retries."""

import json
import re
import sys
import traceback
import uuid
from xml.sax.saxutils import escape

from corrections import Correction

STATUS = 501
CODE = "NotImplemented"
MESSAGE_LENGTH = 500

# By the name in the signature. Services with another protocol are told by the request itself, or speak REST with JSON.
REST_XML = {"route53", "cloudfront", "s3"}

SIGNATURE = re.compile(r"Credential=[^/]*/[^/]*/(?P<region>[^/]*)/(?P<service>[^/]*)/aws4_request")


def service_of(environ):
    match = SIGNATURE.search(environ.get("HTTP_AUTHORIZATION", ""))
    return match["service"] if match else "s3"


def operation_of(environ, form):
    """The operation's name where the protocol carries it, else method and path."""
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return target.rsplit(".", 1)[-1]
    if environ.get("HTTP_SMITHY_PROTOCOL"):
        return environ.get("PATH_INFO", "").rsplit("/", 1)[-1]
    return form.get("Action") or f"{environ.get('REQUEST_METHOD')} {environ.get('PATH_INFO')}"


def cbor_text(text):
    data = text.encode()
    length = len(data)
    # Major type 3, with a length of 0-23 in the first byte or of two bytes after it.
    head = bytes([0x60 | length]) if length < 24 else bytes([0x79]) + length.to_bytes(2, "big")
    return head + data


def error_answer(environ, message):
    """Headers and body of an error in the protocol that the request was made in."""
    request_id = str(uuid.uuid4())
    service = service_of(environ)
    content_type = environ.get("CONTENT_TYPE", "")
    headers = {"x-amzn-RequestId": request_id}
    if environ.get("HTTP_SMITHY_PROTOCOL") == "rpc-v2-cbor":
        headers |= {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
        pairs = {"__type": CODE, "message": message[:MESSAGE_LENGTH]}
        body = bytes([0xA0 | len(pairs)]) + b"".join(cbor_text(key) + cbor_text(value) for key, value in pairs.items())
    elif environ.get("HTTP_X_AMZ_TARGET"):
        headers |= {"Content-Type": content_type or "application/x-amz-json-1.1", "x-amzn-ErrorType": CODE}
        body = json.dumps({"__type": CODE, "message": message}).encode()
    elif content_type.startswith("application/x-www-form-urlencoded") or service in REST_XML:
        headers["Content-Type"] = "text/xml"
        error = f"<Code>{CODE}</Code><Message>{escape(message)}</Message>"
        if service == "ec2":
            text = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
        elif service == "s3":
            text = f"<Error>{error}<RequestId>{request_id}</RequestId></Error>"
        else:
            text = f"<ErrorResponse><Error><Type>Receiver</Type>{error}</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()
    else:
        headers |= {"Content-Type": "application/json", "x-amzn-ErrorType": CODE}
        body = json.dumps({"message": message, "code": CODE}).encode()
    return headers, body


def answer_in_protocol(application):
    """Replaces Flask's pages for exceptions and for unknown addresses."""
    from botocore.model import OperationNotFoundError
    from flask import Response, request
    from werkzeug.exceptions import HTTPException

    def handle(error):
        if isinstance(error, HTTPException) and request.routing_exception is None:
            return error
        operation = operation_of(request.environ, request.form)
        service = service_of(request.environ)
        if isinstance(error, (NotImplementedError, HTTPException, OperationNotFoundError)):
            message = f"the sandbox does not implement {operation} of {service}"
        else:
            message = f"the sandbox failed in {operation} of {service}: {type(error).__name__}: {error}"[:MESSAGE_LENGTH]
            traceback.print_exception(error, file=sys.stderr)
        headers, body = error_answer(request.environ, message)
        return Response(body, STATUS, headers)

    application.register_error_handler(Exception, handle)


def application_of_unknown_service():
    """Answers for services that moto does not have at all."""

    def answer(environ, start_response):
        form = {}
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length)
        if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
            form = dict(pair.split("=", 1) for pair in body.decode("utf-8", "replace").split("&") if "=" in pair)
        message = f"the sandbox does not implement {operation_of(environ, form)}: it has no service {service_of(environ)}"
        headers, body = error_answer(environ, message)
        start_response(f"{STATUS} Not Implemented", [*headers.items(), ("Content-Length", str(len(body)))])
        return [body]

    return answer


CORRECTIONS = [
    Correction(
        "not-implemented",
        "an operation that is not implemented, or fails within moto, answers 501 in the protocol's own error format",
        (),
        adjust=answer_in_protocol,
        unknown_service=application_of_unknown_service,
    ),
]
