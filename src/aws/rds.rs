//! Amazon RDS.
