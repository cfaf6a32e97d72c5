"""CloudWatch: requests in its present protocol, RPC with CBOR, are answered; moto knows those in JSON."""

import io
import json
from datetime import datetime

from corrections import Correction

PROTOCOL = "rpc-v2-cbor"
TARGET = "GraniteServiceVersion20100801"
JSON = "application/x-amz-json-1.0"


def speak_cbor(application):
    """Translates requests and answers around a service's application."""
    from botocore.model import OperationNotFoundError
    from botocore.parsers import BaseCBORParser, JSONParser
    from botocore.serialize import RpcV2CBORSerializer
    from botocore.session import get_session

    model = get_session().get_service_model("cloudwatch")
    reader, writer, answers = BaseCBORParser(), RpcV2CBORSerializer(), JSONParser()
    inner = application.wsgi_app

    def decoded(body):
        return reader.parse_data_item(reader.get_peekable_stream_from_bytes(body)) if body else {}

    def encoded(value, shape):
        body = bytearray()
        writer._serialize_data_item(body, value, shape)
        return bytes(body)

    def text(value):
        return value.timestamp() if isinstance(value, datetime) else str(value)

    def map_of_texts(pairs):
        strings = model.shape_for("DashboardBody")
        items = b"".join(encoded(key, strings) + encoded(value, strings) for key, value in pairs.items())
        return bytes([0xA0 | len(pairs)]) + items

    def translated(environ, start_response):
        if environ.get("HTTP_SMITHY_PROTOCOL") != PROTOCOL:
            return inner(environ, start_response)
        name = environ["PATH_INFO"].rsplit("/", 1)[-1]
        try:
            operation = model.operation_model(name)
        except OperationNotFoundError:
            return inner(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        body = json.dumps(decoded(body), default=text).encode()
        request = {key: value for key, value in environ.items() if key != "HTTP_SMITHY_PROTOCOL"}
        request |= {
            "PATH_INFO": "/",
            "REQUEST_URI": "/",
            "RAW_URI": "/",
            "CONTENT_TYPE": JSON,
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_X_AMZ_TARGET": f"{TARGET}.{name}",
            "wsgi.input": io.BytesIO(body),
        }
        status, headers = None, []

        def started(said, with_headers, exc_info=None):
            nonlocal status, headers
            status, headers = said, with_headers

        answer = b"".join(inner(request, started))
        if status.startswith("2"):
            parts = {"body": answer, "headers": {}, "status_code": 200}
            said = answers.parse(parts, operation.output_shape) if operation.output_shape else {}
            said.pop("ResponseMetadata", None)
            answer = encoded(said, operation.output_shape) if operation.output_shape else b"\xa0"
        else:
            said = json.loads(answer or b"{}")
            message = said.get("message") or said.get("Message") or ""
            answer = map_of_texts({"__type": said.get("__type", "InternalFailure"), "message": message})
        left = {"content-type", "content-length"}
        headers = [(key, value) for key, value in headers if key.lower() not in left]
        headers += [("Content-Type", "application/cbor"), ("smithy-protocol", PROTOCOL), ("Content-Length", str(len(answer)))]
        start_response(status, headers)
        return [answer]

    application.wsgi_app = translated


CORRECTIONS = [
    Correction("cloudwatch-cbor", "requests in RPC with CBOR are answered", ("cloudwatch",), adjust=speak_cbor),
]
