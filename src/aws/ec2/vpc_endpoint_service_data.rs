//! `data.aws_vpc_endpoint_service`: a service that endpoints can lead to, by its name or by what it is.

use aws_sdk_ec2::types::ServiceDetail as Live;
use provider::data_source::DataSource;
use provider::error::ProviderError;
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::{query, tags};
use crate::failure::Operation;
use crate::found;
use crate::tags::shown;

const OPERATION: &str = "ec2:DescribeVpcEndpointServices";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VpcEndpointService {
    acceptance_required: bool,
    arn: String,
    availability_zones: Vec<String>,
    base_endpoint_dns_names: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filter: Vec<query::Written>,
    id: String,
    manages_vpc_endpoints: bool,
    owner: String,
    private_dns_name: String,
    private_dns_names: Vec<String>,
    region: String,
    /// AWS's own name for one of its services: `s3`.
    service: Option<String>,
    service_id: String,
    service_name: String,
    service_regions: Option<Vec<String>>,
    service_type: String,
    supported_ip_address_types: Vec<String>,
    tags: Tags,
    timeouts: Option<found::Timeouts>,
    vpc_endpoint_policy_supported: bool,
}

impl DataSource for VpcEndpointService {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_vpc_endpoint_service";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let name = match (want.service_name.as_str(), want.service.as_deref().unwrap_or_default()) {
            ("", "") => String::new(),
            ("", service) => format!("com.amazonaws.{}.{service}", aws.region()),
            (name, _) => name.to_string(),
        };
        let filters = query::filters([("service-type", want.service_type.as_str())], &want.tags, &want.filter);
        let regions = want.service_regions.clone().filter(|regions| !regions.is_empty());
        let mut found: Vec<Live> = Vec::new();
        let mut next = None;
        loop {
            let call = aws.ec2().describe_vpc_endpoint_services().set_service_names(query::ids(&name));
            let call = call.set_filters(filters.clone()).set_service_regions(regions.clone()).set_next_token(next);
            let page = call.send().await.operation(OPERATION)?;
            found.extend(page.service_details.unwrap_or_default());
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                break;
            }
        }
        Ok(want.with_live(aws, found::only_one(found, OPERATION, "a service")?, aws.account().await?))
    }
}

impl VpcEndpointService {
    fn with_live(&self, aws: &Aws, live: Live, account: &str) -> VpcEndpointService {
        let service_id = live.service_id.unwrap_or_default();
        let service_name = live.service_name.unwrap_or_default();
        let kind = live.service_type.unwrap_or_default().into_iter().next().and_then(|kind| kind.service_type);
        let region = live.service_region.unwrap_or_default();
        let private = live.private_dns_names.unwrap_or_default().into_iter();
        let families = live.supported_ip_address_types.unwrap_or_default();
        VpcEndpointService {
            acceptance_required: live.acceptance_required.unwrap_or(false),
            arn: format!("arn:{}:ec2:{region}:{account}:vpc-endpoint-service/{service_id}", aws.partition()),
            availability_zones: live.availability_zones.unwrap_or_default(),
            base_endpoint_dns_names: live.base_endpoint_dns_names.unwrap_or_default(),
            id: crc32fast::hash(service_name.as_bytes()).to_string(),
            manages_vpc_endpoints: live.manages_vpc_endpoints.unwrap_or(false),
            owner: live.owner.unwrap_or_default(),
            private_dns_name: live.private_dns_name.unwrap_or_default(),
            private_dns_names: private.filter_map(|name| name.private_dns_name).collect(),
            region,
            service_id,
            service_name,
            service_type: kind.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            supported_ip_address_types: families.iter().map(|family| family.as_str().to_string()).collect(),
            tags: shown(aws, tags::live(live.tags)),
            vpc_endpoint_policy_supported: live.vpc_endpoint_policy_supported.unwrap_or(false),
            ..self.clone()
        }
    }
}
