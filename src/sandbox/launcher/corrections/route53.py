"""Route 53: zones of a VPC."""

from corrections import Correction


def make_zone_of_a_vpc_private():
    from moto.route53.responses import Route53

    create = Route53.create_hosted_zone

    def create_hosted_zone(self):
        if self._get_param("VPC.VPCId"):
            self.params["HostedZoneConfig"] = {**(self._get_param("HostedZoneConfig") or {}), "PrivateZone": True}
        return create(self)

    Route53.create_hosted_zone = create_hosted_zone


CORRECTIONS = [
    Correction("route53-private-zone", "a hosted zone created with a VPC is private", ("route53",), make_zone_of_a_vpc_private),
]
