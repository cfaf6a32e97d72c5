//! Bytes as hexadecimal digits.

/// Two lowercase digits a byte.
pub fn hex(bytes: &[u8]) -> String {
    separated(bytes, "")
}

/// Two lowercase digits a byte, with a separator between bytes.
pub fn separated(bytes: &[u8], separator: &str) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.join(separator)
}
