"""ECS: the course of a deployment, as a function of the time since it began.

Nothing runs in the background: each request that looks at services first brings them up to date. A deployment's new tasks
come up one after the other within the first four fifths of the rollout time, tasks of older deployments stop in step, and
at the end the deployment is COMPLETED and the older ones are gone. A rollout time of zero does all of that within the
request that begins the deployment.

A container whose image has the tag `fails-to-start` never comes up: its deployment counts failed tasks, and with the
circuit breaker on it fails at the end of the rollout time, and is rolled back where there is something to go back to.
"""

import math
from datetime import timedelta

from corrections import SETTINGS
from corrections.ecs_service_task import start_task, stop_task

BROKEN_TAG = ":fails-to-start"
BROKEN_REASON = (
    "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref {image}: not found"
)
# The share of the rollout time after which the last new task runs.
UP = 0.8
EVENTS_KEPT = 100


class Course:
    """How one deployment has come along; kept beside the dictionary that DescribeServices shows."""

    def __init__(self, began, image=None):
        self.began = began
        # Tasks that ran when the course began: of an earlier desired count, or to be drained.
        self.running_before = 0
        # The image that cannot be pulled, if there is one.
        self.broken_image = image
        # Whether this deployment still replaces, or has only changed its number of tasks.
        self.replacing = True
        self.steady = False
        self.ever_completed = False
        self.struggling = False
        self.tasks = []


def now():
    from moto.core.utils import utcnow

    return utcnow()


def fraction(course, moment):
    if SETTINGS.rollout_seconds == 0:
        return 1.0
    return min(1.0, max(0.0, (moment - course.began).total_seconds() / SETTINGS.rollout_seconds))


def between(before, after, share):
    """Whole tasks on the way from one number to another; three quarters of four are three, whatever floats make of it."""
    return before + math.trunc(round((after - before) * min(1.0, share), 6))


def breaker_threshold(desired):
    """Failed tasks after which the circuit breaker trips (ECS developer guide: half the desired count, from 3 to 200)."""
    return min(200, max(3, math.ceil(desired * 0.5)))


def broken_image(backend, task_definition):
    for container in backend.describe_task_definition(task_definition).container_definitions:
        if str(container.get("image", "")).endswith(BROKEN_TAG):
            return container["image"]
    return None


def say(service, moment, text):
    from moto.moto_api._internal import mock_random

    event = {"id": str(mock_random.uuid4()), "createdAt": moment, "message": f"(service {service.name}) {text}"}
    service.events = [event, *service.events][:EVENTS_KEPT]


def named(tasks):
    return " ".join(f"(task {task.id})" for task in tasks)


def new_deployment(service, moment):
    """A PRIMARY deployment of the service as it is configured now, without any task yet."""
    from moto.moto_api._internal import mock_random

    identity = f"ecs-svc/{mock_random.randint(10**18, 10**19 - 1)}"
    deployment = {
        "id": identity,
        "status": "PRIMARY",
        "taskDefinition": service.task_definition,
        "desiredCount": service.desired_count,
        "pendingCount": 0,
        "runningCount": 0,
        "failedTasks": 0,
        "createdAt": moment,
        "updatedAt": moment,
        "launchType": service.launch_type,
        "platformVersion": service.platform_version,
        "networkConfiguration": service.network_configuration or None,
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": f"ECS deployment {identity} in progress.",
    }
    service._courses[identity] = Course(moment, broken_image(service._backend, service.task_definition))
    return deployment


def begin(service, moment):
    """Puts a new deployment in front of those that are there, which become ACTIVE and drain."""
    for older in service.deployments:
        retire(service, older)
    service.deployments = [new_deployment(service, moment), *service.deployments]


def retire(service, deployment):
    course = service._courses[deployment["id"]]
    course.running_before = deployment["runningCount"]
    deployment["status"] = "ACTIVE"
    deployment["pendingCount"] = 0


def bring_up_to_date(service, moment=None):
    """Moves every deployment of a service to where it is at a moment."""
    if not service._courses:
        return
    moment = moment or now()
    if service.status == "DRAINING":
        drain(service, moment)
    while service.status == "ACTIVE" and step(service, moment):
        pass
    count(service)


def step(service, moment):
    """Brings the newest deployment up to date; true where it was replaced by another one, which has to follow."""
    primary = service.deployments[0]
    course = service._courses[primary["id"]]
    share = fraction(course, moment)
    if course.broken_image and primary["rolloutState"] == "IN_PROGRESS":
        return struggle(service, primary, course, share, moment)
    if primary["rolloutState"] == "FAILED":
        return False
    desired = primary["desiredCount"]
    # What was to happen by the end happened then, however late somebody looks.
    moment = min(moment, end_of(course))
    running = between(course.running_before, desired, share / UP)
    start_or_stop(service, primary, course, running, moment)
    primary["pendingCount"] = max(0, desired - running)
    drain_older(service, running, moment)
    if share < 1.0:
        return False
    ended = end_of(course)
    if course.replacing:
        course.replacing = False
        course.ever_completed = True
        primary["rolloutState"] = "COMPLETED"
        primary["rolloutStateReason"] = f"ECS deployment {primary['id']} completed."
        primary["updatedAt"] = ended
        for load_balancer in service.load_balancers:
            if load_balancer.get("targetGroupArn") and desired:
                say(service, ended, f"registered {desired} targets in (target-group {load_balancer['targetGroupArn']})")
        forget_older(service, ended)
        say(service, ended, f"(deployment {primary['id']}) deployment completed.")
    if not course.steady:
        course.steady = True
        say(service, ended, "has reached a steady state.")
    return False


def end_of(course):
    return course.began + timedelta(seconds=SETTINGS.rollout_seconds)


def struggle(service, primary, course, share, moment):
    """A deployment whose tasks fail: counts them, and gives up where the circuit breaker is on."""
    breaker = (getattr(service, "deployment_configuration", None) or {}).get("deploymentCircuitBreaker") or {}
    threshold = breaker_threshold(primary["desiredCount"])
    if breaker.get("enable") or SETTINGS.rollout_seconds == 0:
        failed = math.trunc(share * threshold)
    else:
        failed = math.trunc((moment - course.began).total_seconds() / SETTINGS.rollout_seconds * threshold)
    if primary["desiredCount"] == 0:
        failed = 0
    while primary["failedTasks"] < failed:
        fail_one(service, primary, course, moment)
    primary["pendingCount"] = primary["desiredCount"]
    if primary["failedTasks"] and not course.struggling:
        course.struggling = True
        say(service, moment, "is unable to consistently start tasks successfully. For more information, see the Troubleshooting section.")
    if not breaker.get("enable") or share < 1.0 or not failed:
        return False
    primary["rolloutState"] = "FAILED"
    primary["rolloutStateReason"] = "ECS deployment circuit breaker: tasks failed to start."
    primary["pendingCount"] = 0
    primary["updatedAt"] = end_of(course)
    say(service, end_of(course), f"(deployment {primary['id']}) deployment failed: tasks failed to start.")
    if breaker.get("rollback"):
        return roll_back(service, primary, end_of(course))
    return False


def roll_back(service, failed, moment):
    """Makes the newest deployment that was completed once the PRIMARY one again; false where there is none."""
    for earlier in service.deployments[1:]:
        course = service._courses[earlier["id"]]
        if not course.ever_completed:
            continue
        course.running_before = earlier["runningCount"]
        course.began = moment
        course.replacing = True
        course.steady = False
        earlier.update(
            status="PRIMARY",
            desiredCount=service.desired_count,
            rolloutState="IN_PROGRESS",
            rolloutStateReason=f"ECS deployment circuit breaker: rolling back to deploymentId {earlier['id']}.",
            updatedAt=moment,
        )
        retire(service, failed)
        service.deployments = [earlier, *(other for other in service.deployments if other is not earlier)]
        service.task_definition = earlier["taskDefinition"]
        say(service, moment, f"rolling back to deployment {earlier['id']}.")
        return True
    return False


def drain_older(service, running, moment):
    """Stops as many tasks of older deployments, the oldest first, as the newest one has brought up."""
    for older in reversed(service.deployments[1:]):
        course = service._courses[older["id"]]
        stopped = min(course.running_before, running)
        running -= stopped
        start_or_stop(service, older, course, course.running_before - stopped, moment)


def forget_older(service, moment):
    for older in service.deployments[1:]:
        course = service._courses.pop(older["id"])
        start_or_stop(service, older, course, 0, moment)
    service.deployments = service.deployments[:1]


def drain(service, moment):
    """The end of a deleted service: its tasks stop, then it is INACTIVE."""
    for deployment in service.deployments:
        course = service._courses[deployment["id"]]
        share = fraction(course, moment)
        stopped_at = min(moment, end_of(course))
        start_or_stop(service, deployment, course, between(course.running_before, 0, share), stopped_at)
        if share >= 1.0:
            service.status = "INACTIVE"
    if not service.deployments:
        service.status = "INACTIVE"
    if service.status == "INACTIVE":
        service.deployments = []
        service._courses = {}
        service.running_count = service.pending_count = 0


def count(service):
    service.running_count = sum(deployment["runningCount"] for deployment in service.deployments)
    service.pending_count = sum(deployment["pendingCount"] for deployment in service.deployments)


def start_or_stop(service, deployment, course, running, moment):
    """Makes a deployment's tasks as many as it has running, and says what was started and stopped."""
    started = [start_task(service, deployment, moment) for _ in range(len(course.tasks), running)]
    stopped = course.tasks[running:]
    course.tasks = course.tasks[:running] + started
    for task in stopped:
        stop_task(task, "ServiceSchedulerInitiated", f"Scaling activity initiated by (deployment {service.deployments[0]['id']})", moment)
    deployment["runningCount"] = running
    if started:
        say(service, moment, f"has started {len(started)} tasks: {named(started)}.")
    if stopped:
        say(service, moment, f"has stopped {len(stopped)} running tasks: {named(stopped)}.")


def fail_one(service, deployment, course, moment):
    task = start_task(service, deployment, moment)
    stop_task(task, "TaskFailedToStart", BROKEN_REASON.format(image=course.broken_image), moment)
    deployment["failedTasks"] += 1
