//! Certificates of the plan that listeners take before anything waits for them to be issued.

use provider::world::{Fate, Finding, Planned, World};

/// `elasticloadbalancing:CreateListener`: a certificate that is requested by the same plan is issued after its validation.
pub fn check(world: &World) -> Vec<Finding> {
    let users = world.asked("aws_lb_listener").chain(world.asked("aws_lb_listener_certificate"));
    users.filter_map(|user| not_issued(world, user)).collect()
}

fn not_issued(world: &World, user: &Planned) -> Option<Finding> {
    let arn = user.text("certificate_arn")?;
    let certificate = world.by("aws_acm_certificate", &["arn", "id"], &arn)?;
    // Imported ones and those of a private authority need no validation; one in the plan may come first by `depends_on`.
    let is_requested = certificate.fate == Fate::Made && certificate.known("validation_method").is_some();
    let is_private = certificate.text("certificate_authority_arn").is_some();
    let is_awaited = world
        .all("aws_acm_certificate_validation")
        .any(|validation| validation.text("certificate_arn").as_deref() == Some(&*arn));
    (is_requested && !is_private && !is_awaited).then(|| {
        let detail = format!(
            "{} is requested by this plan, and nothing waits until it is issued. Add an `aws_acm_certificate_validation` and take the ARN from that.",
            certificate.addr
        );
        user.finding("certificate_arn", "UnsupportedCertificate", detail)
    })
}
