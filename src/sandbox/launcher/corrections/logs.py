"""CloudWatch Logs: the class of a log group."""

from corrections import Correction


def keep_log_group_class():
    from moto.logs.models import LogGroup
    from moto.logs.responses import LogsResponse

    create = LogsResponse.create_log_group
    describe = LogGroup.to_describe_dict
    LogGroup.log_group_class = "STANDARD"

    def create_log_group(self):
        answer = create(self)
        group = self.logs_backend.groups[self._get_param("logGroupName")]
        group.log_group_class = self._get_param("logGroupClass") or "STANDARD"
        return answer

    def to_describe_dict(self):
        return {**describe(self), "logGroupClass": self.log_group_class}

    LogsResponse.create_log_group = create_log_group
    LogGroup.to_describe_dict = to_describe_dict


CORRECTIONS = [
    Correction("logs-group-class", "a log group shows its class", ("logs",), keep_log_group_class),
]
