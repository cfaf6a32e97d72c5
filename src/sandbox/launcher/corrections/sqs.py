"""SQS: policies are repeated as they were written."""

from corrections import Correction


def keep_redrive_policy_text():
    from moto.sqs.models import Queue

    set_up = Queue._setup_dlq
    attributes = Queue.attributes.fget
    Queue._redrive_policy_text = None

    def _setup_dlq(self, policy):
        set_up(self, policy)
        self._redrive_policy_text = policy if isinstance(policy, str) else None

    def with_text(self):
        shown = attributes(self)
        if "RedrivePolicy" in shown and self._redrive_policy_text:
            shown["RedrivePolicy"] = self._redrive_policy_text
        return shown

    Queue._setup_dlq = _setup_dlq
    Queue.attributes = property(with_text)


CORRECTIONS = [
    Correction("sqs-redrive-policy", "a queue's redrive policy is shown as it was given", ("sqs",), keep_redrive_policy_text),
]
