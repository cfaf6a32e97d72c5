//! `aws_customer_gateway`: the customer's end of VPN connections.
//!
//! CreateCustomerGateway answers with a gateway of the same address and number that is there already, so `create` looks
//! first. A deleted gateway stays visible for some time.

use aws_sdk_ec2::types::{CustomerGateway as Live, Filter, GatewayType, ResourceType};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Readiness, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::arn;
use crate::clients::Aws;
use crate::ec2::{filter, given, query, tags};
use crate::failure::{self, Operation};
use crate::tags::TOKEN_TAG;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomerGateway {
    arn: String,
    bgp_asn: String,
    bgp_asn_extended: String,
    certificate_arn: String,
    device_name: String,
    id: String,
    ip_address: String,
    tags: Tags,
    tags_all: Tags,
    r#type: String,
    #[serde(skip)]
    state: String,
}

impl Resource for CustomerGateway {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_customer_gateway";
    const READ_BATCH: usize = 100;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let equal = [("type", want.r#type.as_str()), ("bgp-asn", &want.bgp_asn), ("ip-address", &want.ip_address)];
        let equal = query::filters(equal, &Tags::new(), &[]).unwrap_or_default();
        let is_equal = |live: &&Live| {
            live.state.as_deref() != Some("deleted") && live.certificate_arn == given(&want.certificate_arn)
        };
        if let Some(live) = describe(aws, equal).await?.iter().find(is_equal) {
            let id = live.customer_gateway_id.as_deref().unwrap_or_default();
            let message = format!("the gateway {id} has the address and number already");
            return Err(failure::taken("ec2:CreateCustomerGateway", message));
        }
        let created = aws
            .ec2()
            .create_customer_gateway()
            .r#type(GatewayType::from(want.r#type.as_str()))
            .set_bgp_asn(want.bgp_asn.parse().ok())
            .set_bgp_asn_extended(want.bgp_asn_extended.parse().ok())
            .set_certificate_arn(given(&want.certificate_arn))
            .set_device_name(given(&want.device_name))
            .set_ip_address(given(&want.ip_address))
            .tag_specifications(tags::of_new(ResourceType::CustomerGateway, &want.tags_all, creation.token))
            .send()
            .await
            .operation("ec2:CreateCustomerGateway")?;
        let id = created.customer_gateway.and_then(|live| live.customer_gateway_id).unwrap_or_default();
        let gateway = CustomerGateway { id, ..want.clone() };
        tags::settle_new(aws, creation, &gateway, &gateway.id).await?;
        Ok(gateway)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let ids = filter("customer-gateway-id", have.iter().map(|gateway| gateway.id.clone()));
        let live = describe(aws, vec![ids]).await?;
        let account = aws.account().await?;
        let find = |have: &Self| {
            let live = live.iter().find(|live| live.customer_gateway_id.as_deref() == Some(&have.id))?;
            (live.state.as_deref() != Some("deleted")).then(|| have.with_live(aws, account, live.clone()))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws.ec2().delete_customer_gateway().customer_gateway_id(&have.id);
        call.send().await.operation("ec2:DeleteCustomerGateway").map(drop)
    }

    fn readiness(&self, _want: &Self) -> Readiness {
        match self.state.as_str() {
            "available" => Readiness::Settled,
            state => Readiness::Pending(format!("state {state}")),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let is_marked = |live: &Live| {
            live.tags().iter().any(|tag| tag.key() == Some(TOKEN_TAG) && tag.value() == Some(token.id.as_ref()))
        };
        let found = describe(aws, vec![tags::marked(token)]).await?.into_iter().find(is_marked);
        let Some(live) = found else { return Ok(None) };
        let gateway = want.with_live(aws, aws.account().await?, live);
        tags::unmark(aws, &gateway.id).await?;
        Ok(Some(gateway))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(CustomerGateway { id: id.to_string(), ..CustomerGateway::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let text = |name: &str| config.get(name).and_then(|value| value.reveal().as_str().map(str::to_string));
        let is_left_out = |name: &str| config.get(name).is_none_or(|value| value.is_null());
        let refuse = |name: &str, detail: String| Refusal {
            attribute: Path::attribute(name),
            summary: format!("invalid value for {name}"),
            detail,
        };
        let number = |name: &str, numbers: std::ops::RangeInclusive<i64>| {
            let is_valid = |text: &String| text.parse().is_ok_and(|number: i64| numbers.contains(&number));
            let wrong = text(name).filter(|text| !is_valid(text))?;
            let (from, to) = (numbers.start(), numbers.end());
            Some(refuse(name, format!("It must be a number from {from} to {to}, not `{wrong}`.")))
        };
        let address = text("ip_address").filter(|text| text.parse::<std::net::IpAddr>().is_err());
        let address = address.map(|text| refuse("ip_address", format!("It must be an IP address, not `{text}`.")));
        let nowhere = (is_left_out("ip_address") && is_left_out("certificate_arn")).then(|| Refusal {
            attribute: Path::attribute("ip_address"),
            summary: "Missing required argument".into(),
            detail: "AWS needs the address where there is no `certificate_arn`.".into(),
        });
        let asn = number("bgp_asn", 1..=2_147_483_647);
        let extended = number("bgp_asn_extended", 2_147_483_648..=4_294_967_295);
        let mut refusals: Vec<Refusal> = [address, nowhere, asn, extended].into_iter().flatten().collect();
        if let Some(certificate) = config.get("certificate_arn") {
            arn::check(Path::attribute("certificate_arn"), &certificate, &mut refusals);
        }
        refusals
    }
}

impl CustomerGateway {
    fn with_live(&self, aws: &Aws, account: &str, live: Live) -> CustomerGateway {
        let id = live.customer_gateway_id.unwrap_or_default();
        CustomerGateway {
            arn: aws.ec2_arn("customer-gateway", account, &id),
            bgp_asn: live.bgp_asn.unwrap_or_default(),
            bgp_asn_extended: live.bgp_asn_extended.unwrap_or_default(),
            certificate_arn: live.certificate_arn.unwrap_or_default(),
            device_name: live.device_name.unwrap_or_default(),
            id,
            ip_address: live.ip_address.unwrap_or_default(),
            state: live.state.unwrap_or_default(),
            tags_all: tags::live(live.tags),
            r#type: live.r#type.unwrap_or_default(),
            ..self.clone()
        }
    }
}

async fn describe(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<Live>, ProviderError> {
    let answer = aws.ec2().describe_customer_gateways().set_filters(Some(filters)).send().await;
    Ok(answer.operation("ec2:DescribeCustomerGateways")?.customer_gateways.unwrap_or_default())
}
