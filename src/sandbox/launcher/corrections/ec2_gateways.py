"""EC2: NAT gateways that are asked for again, or that nobody knows."""

from corrections import Correction


def know_nat_gateways():
    from moto.core.responses import ActionResult
    from moto.ec2.exceptions import EC2ClientError
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.nat_gateways import NatGateway
    from moto.ec2.responses.nat_gateways import NatGateways

    create = EC2Backend.create_nat_gateway
    create_response = NatGateways.create_nat_gateway
    delete = EC2Backend.delete_nat_gateway
    describe = EC2Backend.describe_nat_gateways
    NatGateway._client_token = None

    def refuse_unknown(self, identities):
        for identity in identities or []:
            if identity not in self.nat_gateways:
                raise EC2ClientError("NatGatewayNotFound", f"The Nat Gateway {identity} was not found")

    def create_nat_gateway(self, subnet_id, allocation_id, tags=None, connectivity_type=None):
        for address in self.addresses:
            # moto finds out after it has made the gateway's network interface.
            if allocation_id and address.allocation_id == allocation_id and address.association_id:
                raise EC2ClientError("Resource.AlreadyAssociated", f"Resource {address.public_ip} is already associated.")
        return create(self, subnet_id, allocation_id, tags, connectivity_type or "public")

    def create_nat_gateway_once(self):
        token = self._get_param("ClientToken")
        for known in self.ec2_backend.nat_gateways.values():
            if token and known._client_token == token:
                return ActionResult({"NatGateway": known, "ClientToken": token})
        answer = create_response(self)
        answer.result["NatGateway"]._client_token = token
        return answer

    def delete_nat_gateway(self, nat_gateway_id):
        refuse_unknown(self, [nat_gateway_id])
        return delete(self, nat_gateway_id)

    def describe_nat_gateways(self, filters, nat_gateway_ids):
        refuse_unknown(self, nat_gateway_ids)
        return describe(self, filters, nat_gateway_ids)

    EC2Backend.create_nat_gateway = create_nat_gateway
    NatGateways.create_nat_gateway = create_nat_gateway_once
    EC2Backend.delete_nat_gateway = delete_nat_gateway
    EC2Backend.describe_nat_gateways = describe_nat_gateways


CORRECTIONS = [
    Correction(
        "ec2-nat-gateways",
        "an unknown NAT gateway is an error, and one client token makes one gateway",
        ("ec2",),
        know_nat_gateways,
    ),
]
