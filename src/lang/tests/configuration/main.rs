//! Configurations as users write them, from text to blocks and values; and beside Terraform, where it is installed.

mod against_terraform;
mod check;
mod decode;
mod load;
mod mutations;
mod support;
mod test_file;
mod variables;
