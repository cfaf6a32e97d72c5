//! What data sources of several services share: the one object that is asked for.

use provider::error::{ErrorKind, ProviderError};
use serde::{Deserialize, Serialize};

/// The `timeouts` block of a data source.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Timeouts {
    read: Option<String>,
}

/// The only object found.
///
/// # Errors
/// `NotFound` for none, `Invalid` for several; `what` names one of its kind with its article: `a listener`.
pub fn only_one<T>(mut found: Vec<T>, operation: &str, what: &str) -> Result<T, ProviderError> {
    match (found.pop(), found.len()) {
        (Some(object), 0) => Ok(object),
        (None, _) => {
            let message = format!("there is not {what} that is as the data source asks");
            Err(ProviderError::new(ErrorKind::NotFound, operation, message))
        }
        (Some(_), others) => {
            let message = format!("the data source asks for {what}, and {} are as it asks", others + 1);
            Err(ProviderError::invalid(operation, message).hint("ask for more that only the wanted one has"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_none_nor_several_are_the_one() {
        assert_eq!(only_one(vec![7], "ec2:DescribeVpcs", "a VPC").ok(), Some(7));
        assert!(only_one(Vec::<u8>::new(), "ec2:DescribeVpcs", "a VPC").is_err_and(|error| error.is_not_found()));
        assert!(only_one(vec![7, 8], "ec2:DescribeVpcs", "a VPC").is_err());
    }
}
