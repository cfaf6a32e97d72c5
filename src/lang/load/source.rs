//! The `source` of a required provider: `[HOSTNAME/][NAMESPACE/]NAME`.

use model::address::ProviderAddr;
use model::diagnostic::Diagnostic;

/// What repositories of providers are called, and providers are not.
const REPOSITORY_PREFIX: &str = "terraform-provider-";

/// Reads the source of a provider.
///
/// # Errors
/// What is wrong with it; the place is left to the caller.
pub(super) fn provider_source(text: &str) -> Result<ProviderAddr, Diagnostic> {
    let parts: Vec<&str> = text.split('/').collect();
    if parts.len() > 3 || parts.iter().any(|part| part.is_empty()) {
        return Err(Diagnostic::error(
            "Invalid provider source string",
            "The source of a provider has the form \"[HOSTNAME/][NAMESPACE/]NAME\".",
        ));
    }
    if let [hostname, _, _] = parts.as_slice()
        && !is_hostname(hostname)
    {
        return Err(Diagnostic::error(
            "Invalid provider source hostname",
            format!("`{hostname}` is no name of a host."),
        ));
    }
    let name = parts[parts.len() - 1];
    check_part("type", name)?;
    if parts.len() > 1 {
        // Very old states name a provider without namespace so.
        let namespace = parts[parts.len() - 2];
        if namespace != "-" {
            check_part("namespace", namespace)?;
        }
    }
    if let Some(rest) = name.strip_prefix(REPOSITORY_PREFIX) {
        return Err(Diagnostic::error(
            "Invalid provider type",
            format!("`{name}` is the name of a repository. The provider in it is called without the prefix `{REPOSITORY_PREFIX}`."),
        )
        .hint(format!("Did you mean \"{}{rest}\"?", &text[..text.len() - name.len()])));
    }
    text.parse().map_err(|error| Diagnostic::error("Invalid provider source string", format!("{error}.")))
}

/// Checks a namespace or name: letters, digits and single dashes between them.
fn check_part(what: &str, part: &str) -> Result<(), Diagnostic> {
    let invalid = |rule: &str| {
        Err(Diagnostic::error(
            format!("Invalid provider {what}"),
            format!("`{part}` can't be the {what} of a provider: {rule}."),
        ))
    };
    if part.contains("--") {
        return invalid("there can't be two dashes side by side");
    }
    let allowed = part.chars().all(|c| c.is_alphanumeric() || c == '-');
    if !allowed || part.starts_with('-') || part.ends_with('-') {
        return invalid("it must be made of letters, digits and dashes, with no dash at either end");
    }
    Ok(())
}

fn is_hostname(text: &str) -> bool {
    let (name, port) = text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    name.split('.').all(is_label) && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::provider_source;

    fn read(text: &str) -> String {
        match provider_source(text) {
            Ok(addr) => addr.to_string(),
            Err(error) => error.summary,
        }
    }

    #[test]
    fn the_host_and_the_namespace_can_be_left_out() {
        assert_eq!(read("aws"), "registry.terraform.io/hashicorp/aws");
        assert_eq!(read("Acme/Thing"), "registry.terraform.io/acme/thing");
        assert_eq!(read("localhost:8080/a/b"), "localhost:8080/a/b");
    }

    #[test]
    fn parts_that_no_registry_could_have_are_refused() {
        for (text, summary) in [
            ("", "Invalid provider source string"),
            ("a/b/c/d", "Invalid provider source string"),
            ("https://x.y/c", "Invalid provider source string"),
            ("hashicorp/aws/", "Invalid provider source string"),
            ("terra form.io/b/x", "Invalid provider source hostname"),
            ("x/-b/x", "Invalid provider namespace"),
            ("b--c/x", "Invalid provider namespace"),
            ("a.b/c", "Invalid provider namespace"),
            ("b/x_y", "Invalid provider type"),
            ("a/terraform-provider-b", "Invalid provider type"),
        ] {
            assert_eq!(read(text), summary, "{text}");
        }
    }
}
