"""Load balancing: names and ports that are taken, and protection."""

import copy

from corrections import Correction

# Both generations of load balancers are served by one application.
SERVICES = ("elb", "elbv2")


def protect_load_balancers():
    from moto.elbv2.exceptions import ELBClientError
    from moto.elbv2.models import ELBv2Backend

    delete = ELBv2Backend.delete_load_balancer

    def delete_load_balancer(self, arn):
        balancer = self.load_balancers.get(arn)
        if balancer and balancer.attrs.get("deletion_protection.enabled") == "true":
            raise ELBClientError(
                "OperationNotPermitted", f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
            )
        return delete(self, arn)

    ELBv2Backend.delete_load_balancer = delete_load_balancer


def create_once():
    """The same settings again are the same object; others under a taken name or port are refused."""
    from moto.elbv2.exceptions import DuplicateListenerError, DuplicateLoadBalancerName, DuplicateTargetGroupName
    from moto.elbv2.models import ELBv2Backend, FakeListener, FakeLoadBalancer, FakeTargetGroup

    create_balancer = ELBv2Backend.create_load_balancer
    create_group = ELBv2Backend.create_target_group
    create_listener = ELBv2Backend.create_listener
    modify_listener = ELBv2Backend.modify_listener
    for kind in (FakeLoadBalancer, FakeTargetGroup, FakeListener):
        kind._created_with = None

    def settings(named):
        """Arguments that make a difference: tags don't, and neither does an argument that is not given."""
        kept = {name: value for name, value in named.items() if name != "tags" and value not in (None, [], "")}
        return copy.deepcopy(kept)

    def known_with(known, wanted, taken):
        if known._created_with != wanted:
            raise taken()
        return known

    def create_load_balancer(self, name, *arguments, **named):
        wanted = settings(named)
        for subnets in ("subnet_ids", "security_groups"):
            wanted[subnets] = sorted(wanted.get(subnets) or [])
        for known in self.load_balancers.values():
            if known.name == name:
                return known_with(known, wanted, DuplicateLoadBalancerName)
        made = create_balancer(self, name, *arguments, **named)
        made._created_with = wanted
        return made

    def create_target_group(self, name, **named):
        wanted = settings(named)
        for known in self.target_groups.values():
            if known.name == name:
                return known_with(known, wanted, DuplicateTargetGroupName)
        made = create_group(self, name, **named)
        made._created_with = wanted
        return made

    def create_listener_once(self, load_balancer_arn, protocol, port, *arguments, **named):
        wanted = settings({**named, "protocol": protocol})
        balancer = self.load_balancers.get(load_balancer_arn)
        for known in balancer.listeners.values() if balancer else []:
            if str(known.port) == str(port):
                return known_with(known, wanted, DuplicateListenerError)
        made = create_listener(self, load_balancer_arn, protocol, port, *arguments, **named)
        made._created_with = wanted
        return made

    def modify_listener_port(self, arn, port=None, *arguments, **named):
        for balancer in self.load_balancers.values():
            others = [listener for listener in balancer.listeners.values() if listener.arn != arn]
            if arn in balancer.listeners and port is not None and str(port) in [str(other.port) for other in others]:
                raise DuplicateListenerError()
        changed = modify_listener(self, arn, port, *arguments, **named)
        # It is no longer what it was created as.
        changed._created_with = None
        return changed

    ELBv2Backend.create_load_balancer = create_load_balancer
    ELBv2Backend.create_target_group = create_target_group
    ELBv2Backend.create_listener = create_listener_once
    ELBv2Backend.modify_listener = modify_listener_port


def reorder_rules():
    """Priorities may be those of rules that get others in the same call."""
    from moto.elbv2.exceptions import PriorityInUseError
    from moto.elbv2.models import ELBv2Backend

    set_rule_priorities = ELBv2Backend.set_rule_priorities

    def set_rule_priorities_together(self, rule_priorities):
        moved = {pair["RuleArn"]: pair["Priority"] for pair in rule_priorities}
        if len(set(moved.values())) < len(rule_priorities):
            return set_rule_priorities(self, rule_priorities)
        rules = self.describe_rules(listener_arn=None, rule_arns=list(moved))
        for rule in rules:
            listener = self.describe_listeners(None, [rule.listener_arn])[0]
            stay = [other.priority for other in listener.rules.values() if other.arn not in moved]
            if str(moved[rule.arn]) in map(str, stay):
                raise PriorityInUseError()
        # Out of each other's way: no rule has one of these.
        for rule in rules:
            rule.priority = f"moving {rule.arn}"
        return set_rule_priorities(self, rule_priorities)

    ELBv2Backend.set_rule_priorities = set_rule_priorities_together


CORRECTIONS = [
    Correction("elbv2-protection", "a protected load balancer is not deleted", SERVICES, protect_load_balancers),
    Correction(
        "elbv2-created-again",
        "a load balancer, target group or listener is made once; other settings for its name or port are refused",
        SERVICES,
        create_once,
    ),
    Correction("elbv2-reordered-rules", "rules may swap their priorities in one call", SERVICES, reorder_rules),
]
