//! Conversion of values between types, and the common type of several.
