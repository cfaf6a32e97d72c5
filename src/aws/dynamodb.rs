//! Amazon DynamoDB.

pub mod table;

use crate::given::text as given;
