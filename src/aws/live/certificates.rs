//! Certificates of listeners: in the region of the load balancer, and issued.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_acm::types::CertificateStatus;
use futures::future::join_all;
use provider::world::{Finding, Planned, World};

use crate::clients::Aws;
use crate::failure::Operation;

/// What is wrong with a certificate: code and sentences.
type Fault = (&'static str, String);

/// `elasticloadbalancing:CreateListener`, `AddListenerCertificates`.
pub async fn check(aws: &Aws, world: &World) -> Vec<Finding> {
    let mut users: BTreeMap<Arc<str>, Vec<&Planned>> = BTreeMap::new();
    for object in world.asked("aws_lb_listener").chain(world.asked("aws_lb_listener_certificate")) {
        if let Some(arn) = object.known("certificate_arn").filter(|arn| arn.contains(":acm:")) {
            // What is in use already may be renewed meanwhile.
            let before = object.before.as_ref().and_then(|before| provider::world::text(before, "certificate_arn"));
            if before != Some(arn.clone()) {
                users.entry(arn).or_default().push(object);
            }
        }
    }
    let looks = users.into_iter().map(async |(arn, users)| {
        let fault = fault(aws, &arn).await;
        let refuse = |user: &&Planned| fault.clone().map(|(code, why)| user.finding("certificate_arn", code, why));
        users.iter().filter_map(refuse).collect::<Vec<_>>()
    });
    join_all(looks).await.into_iter().flatten().collect()
}

async fn fault(aws: &Aws, arn: &str) -> Option<Fault> {
    let region = arn.split(':').nth(3)?;
    if region != aws.region() {
        let why = format!("The certificate is in {region}, and the listener in {}.", aws.region());
        return Some(("CertificateNotFound", why));
    }
    let answer = aws.acm().describe_certificate().certificate_arn(arn).send().await;
    match answer.operation("acm:DescribeCertificate") {
        Ok(answer) => {
            let status = answer.certificate?.status?;
            let why = format!("The certificate has the status {status}, and a listener needs one that is issued.");
            (status != CertificateStatus::Issued).then_some(("UnsupportedCertificate", why))
        }
        Err(error) if error.is_not_found() => Some(("CertificateNotFound", format!("There is no certificate {arn}."))),
        Err(_) => None,
    }
}
