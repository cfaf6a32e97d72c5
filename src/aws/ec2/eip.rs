//! `aws_eip`: a public address of the account's own.

pub mod data;

use aws_sdk_ec2::types::{Address as Live, DomainType, ResourceType};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::{filter, given, tags};
use crate::failure::Operation;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Eip {
    address: Option<String>,
    allocation_id: String,
    arn: String,
    associate_with_private_ip: Option<String>,
    association_id: String,
    carrier_ip: String,
    customer_owned_ip: String,
    customer_owned_ipv4_pool: String,
    domain: String,
    id: String,
    instance: String,
    ipam_pool_id: Option<String>,
    network_border_group: String,
    network_interface: String,
    private_dns: Option<String>,
    private_ip: String,
    ptr_record: String,
    public_dns: String,
    public_ip: String,
    public_ipv4_pool: String,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    vpc: Option<bool>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    delete: Option<String>,
    read: Option<String>,
    update: Option<String>,
}

impl Resource for Eip {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_eip";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let created = aws
            .ec2()
            .allocate_address()
            .domain(DomainType::Vpc)
            .set_address(want.address.clone())
            .set_customer_owned_ipv4_pool(given(&want.customer_owned_ipv4_pool))
            .set_ipam_pool_id(want.ipam_pool_id.clone())
            .set_network_border_group(given(&want.network_border_group))
            .set_public_ipv4_pool(given(&want.public_ipv4_pool))
            .tag_specifications(tags::of_new(ResourceType::ElasticIp, &want.tags_all, creation.token))
            .send()
            .await
            .operation("ec2:AllocateAddress")?;
        let id = created.allocation_id.unwrap_or_default();
        let address = Eip { allocation_id: id.clone(), id, ..want.clone() };
        tags::settle_new(aws, creation, &address, &address.id).await?;
        associate(aws, &address, want).await?;
        Ok(address)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let live = describe(aws, filter("allocation-id", have.iter().map(|address| address.id.clone()))).await?;
        // The API does not say whose an address is, and its ARN does.
        let account = aws.account().await?;
        let find = |have: &Self| {
            let live = live.iter().find(|live| live.allocation_id.as_deref() == Some(&have.id))?;
            Some(have.with_live(aws, account, live.clone()))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        let moves = have.instance != want.instance
            || have.network_interface != want.network_interface
            || have.associate_with_private_ip != want.associate_with_private_ip;
        if moves {
            disassociate(aws, have).await?;
            associate(aws, have, want).await?;
        }
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        if !have.instance.is_empty() || !have.network_interface.is_empty() {
            disassociate(aws, have).await?;
        }
        let release = aws.ec2().release_address().allocation_id(&have.id);
        match release.send().await.operation("ec2:ReleaseAddress") {
            Ok(_) => Ok(()),
            Err(error) if error.kind == ErrorKind::Conflict => {
                Err(error.hint("a NAT gateway or network interface still uses the address"))
            }
            Err(error) => Err(error),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(live) = describe(aws, tags::marked(token)).await?.pop() else { return Ok(None) };
        let address = want.with_live(aws, aws.account().await?, live);
        tags::unmark(aws, &address.id).await?;
        Ok(Some(address))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        if !id.starts_with("eipalloc-") {
            return Err(ProviderError::invalid(
                "import aws_eip",
                format!("`{id}` is no allocation id: those begin with `eipalloc-`"),
            ));
        }
        Ok(Eip { id: id.to_string(), ..Eip::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let is_classic = config.get("domain").is_some_and(|domain| domain.reveal().as_str() == Some("standard"));
        let classic = is_classic.then(|| Refusal {
            attribute: Path::attribute("domain"),
            summary: "EC2-Classic is gone".into(),
            detail: "AWS has no addresses outside of VPCs any more; `domain` must be `vpc`.".into(),
        });
        classic.into_iter().collect()
    }
}

impl Eip {
    fn with_live(&self, aws: &Aws, account: &str, live: Live) -> Eip {
        let id = live.allocation_id.unwrap_or_default();
        let domain = live.domain.map(|domain| domain.as_str().to_string()).unwrap_or_default();
        let public_ip = live.public_ip.unwrap_or_default();
        Eip {
            allocation_id: id.clone(),
            arn: aws.ec2_arn("elastic-ip", account, &id),
            association_id: live.association_id.unwrap_or_default(),
            carrier_ip: live.carrier_ip.unwrap_or_default(),
            customer_owned_ip: live.customer_owned_ip.unwrap_or_default(),
            customer_owned_ipv4_pool: live.customer_owned_ipv4_pool.unwrap_or_default(),
            instance: live.instance_id.unwrap_or_default(),
            network_border_group: live.network_border_group.unwrap_or_default(),
            network_interface: live.network_interface_id.unwrap_or_default(),
            private_dns: live.private_ip_address.as_deref().map(|ip| private_name(aws, ip)),
            private_ip: live.private_ip_address.unwrap_or_default(),
            public_dns: public_name(aws, &public_ip),
            public_ip,
            public_ipv4_pool: live.public_ipv4_pool.unwrap_or_default(),
            tags_all: tags::live(live.tags),
            vpc: Some(domain == "vpc"),
            domain,
            id,
            ..self.clone()
        }
    }
}

fn public_name(aws: &Aws, ip: &str) -> String {
    if ip.is_empty() {
        return String::new();
    }
    let zone = if aws.region() == "us-east-1" { "compute-1".to_string() } else { format!("{}.compute", aws.region()) };
    format!("ec2-{}.{zone}.{}", ip.replace('.', "-"), aws.dns_suffix())
}

fn private_name(aws: &Aws, ip: &str) -> String {
    let zone = if aws.region() == "us-east-1" { "ec2".to_string() } else { format!("{}.compute", aws.region()) };
    format!("ip-{}.{zone}.internal", ip.replace('.', "-"))
}

async fn describe(aws: &Aws, filter: aws_sdk_ec2::types::Filter) -> Result<Vec<Live>, ProviderError> {
    let answer = aws.ec2().describe_addresses().filters(filter).send().await.operation("ec2:DescribeAddresses")?;
    Ok(answer.addresses.unwrap_or_default())
}

async fn associate(aws: &Aws, address: &Eip, want: &Eip) -> Result<(), ProviderError> {
    if want.instance.is_empty() && want.network_interface.is_empty() {
        return Ok(());
    }
    aws.ec2()
        .associate_address()
        .allocation_id(&address.id)
        .set_instance_id(given(&want.instance))
        .set_network_interface_id(given(&want.network_interface))
        .set_private_ip_address(want.associate_with_private_ip.clone())
        .send()
        .await
        .operation("ec2:AssociateAddress")?;
    Ok(())
}

async fn disassociate(aws: &Aws, address: &Eip) -> Result<(), ProviderError> {
    let Some(association) = given(&address.association_id) else { return Ok(()) };
    let disassociate = aws.ec2().disassociate_address().association_id(association);
    match disassociate.send().await.operation("ec2:DisassociateAddress") {
        Ok(_) => Ok(()),
        Err(error) if error.is_not_found() => Ok(()),
        Err(error) => Err(error),
    }
}
