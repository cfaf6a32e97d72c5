"""S3: parts of buckets whose answers clients can't read."""

from corrections import Correction

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


def renamed(body, wrong, right):
    """An XML answer with its outermost element named as the API has it."""
    is_bytes = isinstance(body, bytes)
    text = body.decode() if is_bytes else body
    text = text.replace(f"<{wrong}", f"<{right}", 1).replace(f"</{wrong}>", f"</{right}>", 1)
    return text.encode() if is_bytes else text


def name_answers():
    from moto.s3.responses import S3Response

    for method, wrong, right in [
        ("get_bucket_versioning", "GetBucketVersioningResponse", "VersioningConfiguration"),
        ("get_bucket_accelerate_configuration", "GetBucketAccelerateConfigurationResponse", "AccelerateConfiguration"),
    ]:

        def get(self, original=getattr(S3Response, method), wrong=wrong, right=right):
            status, headers, body = original(self)
            return status, headers, renamed(body, wrong, right)

        setattr(S3Response, method, get)


def keep_request_payment():
    import re

    from moto.s3.responses import S3Response

    get, put = S3Response._bucket_response_get, S3Response._bucket_response_put

    def _bucket_response_get(self, bucket_name, querystring):
        if "requestPayment" not in querystring:
            return get(self, bucket_name, querystring)
        payer = getattr(self.backend.get_bucket(bucket_name), "payer", "BucketOwner")
        body = f'<RequestPaymentConfiguration xmlns="{NAMESPACE}"><Payer>{payer}</Payer></RequestPaymentConfiguration>'
        return 200, {}, body

    def _bucket_response_put(self, request, bucket_name, querystring):
        if "requestPayment" not in querystring:
            return put(self, request, bucket_name, querystring)
        payer = re.search(r"<Payer>(\w+)</Payer>", self.body.decode())
        self.backend.get_bucket(bucket_name).payer = payer.group(1)
        return 200, {}, ""

    S3Response._bucket_response_get = _bucket_response_get
    S3Response._bucket_response_put = _bucket_response_put


CORRECTIONS = [
    Correction("s3-answer-names", "answers about versioning and acceleration have the API's names", ("s3",), name_answers),
    Correction("s3-request-payment", "a bucket keeps who pays for requests", ("s3",), keep_request_payment),
]
