"""EC2: security-group rules that refer to a group or a prefix list keep their description, and are the same without it."""

from corrections import Correction


def target(rule):
    """Where a rule lets traffic from or to, which with protocol and ports makes it what it is."""
    return (
        rule.ip_range.get("CidrIp"),
        rule.ip_range.get("CidrIpv6"),
        rule.source_group.get("GroupId") or rule.source_group.get("GroupName"),
        rule.prefix_list_id,
    )


def keep_descriptions():
    from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupBackend, SecurityGroupRule

    initialize = SecurityGroupRule.__init__
    flatten = SecurityGroup._flattened_rules

    def __init__(self, *arguments, **named):
        initialize(self, *arguments, **named)
        prefix_list = named.get("prefix_list_id") or (arguments[7] if len(arguments) > 7 else None)
        self.prefix_list_description = (prefix_list or {}).get("Description")

    def description(self):
        return self.ip_range.get("Description") or self.source_group.get("Description") or self.prefix_list_description

    def describe(self, text):
        if self.source_group:
            self.source_group["Description"] = text
        elif self.prefix_list_id:
            self.prefix_list_description = text
        else:
            self.ip_range["Description"] = text

    def __eq__(self, other):
        mine, others = ((rule.ip_protocol, rule.from_port, rule.to_port, *target(rule)) for rule in (self, other))
        return mine == others

    def _flattened_rules(self, rules):
        described = {rule.prefix_list_id: rule.prefix_list_description for rule in rules if rule.prefix_list_id}
        views = flatten(self, rules)
        for view in views:
            view.prefix_list_ids = [
                {**item, **({"Description": described[item["PrefixListId"]]} if described[item["PrefixListId"]] else {})}
                for item in view.prefix_list_ids
            ]
        return views

    def _sg_update_description(self, security_rule, rule):
        if security_rule == rule:
            rule.describe(security_rule.description or "")

    SecurityGroupRule.__init__ = __init__
    SecurityGroupRule.description = property(description)
    SecurityGroupRule.describe = describe
    SecurityGroupRule.__eq__ = __eq__
    SecurityGroup._flattened_rules = _flattened_rules
    SecurityGroupBackend._sg_update_description = _sg_update_description


def answer_with_all_rules():
    """Authorize takes all permissions or none, and repeats every rule it made."""
    from moto.core.responses import ActionResult
    from moto.ec2.responses.security_groups import SecurityGroups

    def authorize(self, direction):
        self.error_on_dryrun()
        backend = self.ec2_backend
        authorize_one = getattr(backend, f"authorize_security_group_{direction}")
        made = []
        try:
            for permission in self._process_rules_from_querystring():
                rules, _ = authorize_one(**permission)
                made.extend(rules)
        except Exception:
            for rule in made:
                group = backend.get_security_group_from_id(rule.group_id)
                kept = getattr(group, f"{direction}_rules")
                setattr(group, f"{direction}_rules", [other for other in kept if other.id != rule.id])
            raise
        return ActionResult({"Return": True, "SecurityGroupRules": made})

    SecurityGroups.authorize_security_group_ingress = lambda self: authorize(self, "ingress")
    SecurityGroups.authorize_security_group_egress = lambda self: authorize(self, "egress")


def let_every_rule_change():
    from moto.ec2.exceptions import (
        InvalidParameterCombination,
        InvalidParameterValue,
        InvalidSecurityGroupNotFoundError,
        InvalidSecurityGroupRuleIdNotFoundError,
        MissingParameter,
    )
    from moto.ec2.models.security_groups import SecurityGroupBackend

    kinds = {
        "CidrIpv4": lambda rule: "CidrIp" in rule.ip_range,
        "CidrIpv6": lambda rule: "CidrIpv6" in rule.ip_range,
        "PrefixListId": lambda rule: bool(rule.prefix_list_id),
        "ReferencedGroupId": lambda rule: bool(rule.source_group),
    }

    def modify_security_group_rules(self, group_id, rules):
        group = self.get_security_group_by_name_or_id(group_id)
        if group is None:
            raise InvalidSecurityGroupNotFoundError(group_id)
        for identity, wanted in rules.items():
            given = [kind for kind in kinds if wanted.get(kind) is not None]
            if len(given) > 1:
                raise InvalidParameterCombination(
                    "Only one of cidrIp, cidrIpv6, prefixListId, or referencedGroupId can be specified"
                )
            if not given:
                raise MissingParameter(
                    "The request must contain exactly one of: cidrIp, cidrIpv6, prefixListId, or referencedGroupId"
                )
            rule = group.get_rule(identity)
            if rule is None:
                raise InvalidSecurityGroupRuleIdNotFoundError(identity)
            kind = given[0]
            if not kinds[kind](rule):
                raise InvalidParameterValue(
                    f"Invalid rule type for security group rule '{identity}'."
                    f" You may not specify {kind} for an existing rule of another type."
                )
            change(self, rule, kind, wanted)

    def change(self, rule, kind, wanted):
        protocol = wanted.get("IpProtocol")
        if protocol is None:
            raise InvalidParameterValue(
                "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly."
            )
        ports = (wanted.get("FromPort"), wanted.get("ToPort"))
        if protocol == "-1":
            ports = (None, None)
        elif None in ports:
            raise InvalidParameterValue(
                "Invalid value for portRange. Must specify both from and to ports with TCP/UDP."
            )
        rule.ip_protocol = protocol
        rule.from_port, rule.to_port = ports
        if kind == "CidrIpv4":
            rule.ip_range = {"CidrIp": wanted[kind]}
        elif kind == "CidrIpv6":
            rule.ip_range = {"CidrIpv6": wanted[kind]}
        elif kind == "PrefixListId":
            rule.prefix_list_id = wanted[kind]
        else:
            rule.source_group = {**rule.source_group, "GroupId": wanted[kind]}
        if hasattr(rule, "describe"):
            rule.describe(wanted.get("Description") or "")
        else:
            rule.ip_range["Description"] = wanted.get("Description") or ""

    SecurityGroupBackend.modify_security_group_rules = modify_security_group_rules


CORRECTIONS = [
    Correction(
        "ec2-rule-description",
        "a security-group rule for a group or prefix list has its description, and is found without it",
        ("ec2",),
        keep_descriptions,
    ),
    Correction(
        "ec2-authorize-answer",
        "authorizing several permissions makes all or none, and answers with every rule made",
        ("ec2",),
        answer_with_all_rules,
    ),
    Correction(
        "ec2-modify-rules",
        "ModifySecurityGroupRules changes rules of every type and protocol",
        ("ec2",),
        let_every_rule_change,
    ),
]
