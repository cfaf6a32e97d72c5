//! Amazon EC2: networks and security groups.
