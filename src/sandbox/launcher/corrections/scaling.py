"""Application Auto Scaling: tags of scalable targets."""

import json

from corrections import Correction


def keep_tags():
    from moto.applicationautoscaling.models import FakeScalableTarget
    from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse as Responses
    from moto.core.exceptions import JsonRESTError

    register = Responses.register_scalable_target
    FakeScalableTarget.tags = {}

    def target(self, arn):
        for targets in self.applicationautoscaling_backend.targets.values():
            for found in targets.values():
                if found.arn == arn:
                    return found
        raise JsonRESTError("ResourceNotFoundException", f"The specified resource {arn} does not exist.")

    def register_scalable_target(self):
        answer = register(self)
        tags = self._get_param("Tags")
        if tags:
            found = target(self, json.loads(answer)["ScalableTargetARN"])
            found.tags = {**found.tags, **tags}
        return answer

    def list_tags_for_resource(self):
        return json.dumps({"Tags": target(self, self._get_param("ResourceARN")).tags})

    def tag_resource(self):
        found = target(self, self._get_param("ResourceARN"))
        found.tags = {**found.tags, **(self._get_param("Tags") or {})}
        return json.dumps({})

    def untag_resource(self):
        found = target(self, self._get_param("ResourceARN"))
        gone = self._get_param("TagKeys") or []
        found.tags = {key: value for key, value in found.tags.items() if key not in gone}
        return json.dumps({})

    Responses.register_scalable_target = register_scalable_target
    Responses.list_tags_for_resource = list_tags_for_resource
    Responses.tag_resource = tag_resource
    Responses.untag_resource = untag_resource


CORRECTIONS = [
    Correction(
        "autoscaling-tags",
        "a scalable target has tags that can be listed, set and removed",
        ("applicationautoscaling",),
        keep_tags,
    ),
]
