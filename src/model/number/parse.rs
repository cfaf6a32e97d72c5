//! Numbers from text, as Terraform's `tonumber` and `parseint` read it.

use dashu_int::ops::BitTest;
use dashu_int::{IBig, UBig, Word};

use super::{INTEGER_PRECISION, MAGNITUDE_BITS_MAX, Number, TEXT_PRECISION, sign_of};

impl Number {
    /// Parses decimal text as Terraform's `tonumber` does: `[+-]` digits with an optional point, then an optional
    /// exponent of ten (`e`, `E`) or of two (`p`, `P`), or `Inf` or `inf` behind the sign. No spaces, underscores or base
    /// prefixes.
    ///
    /// `None` for anything else, and for magnitudes out of range.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = split_sign(text);
        if matches!(unsigned, "Inf" | "inf") {
            return Some(Self::infinity(negative, TEXT_PRECISION));
        }
        let mantissa_end = unsigned.find(['e', 'E', 'p', 'P']).unwrap_or(unsigned.len());
        let (mantissa, exponent) = unsigned.split_at(mantissa_end);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = [whole, fraction].concat();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (exponent_of_ten, exponent_of_two) = match exponent.bytes().next() {
            None => (0, 0),
            Some(b'e' | b'E') => (parse_exponent(&exponent[1..])?, 0),
            Some(_) => (0, parse_exponent(&exponent[1..])?),
        };
        let significand = IBig::from_parts(sign_of(negative), UBig::from_str_radix(&digits, 10).ok()?);
        if significand.is_zero() {
            return Some(Self::zero(negative, TEXT_PRECISION));
        }
        let exponent_of_ten = exponent_of_ten.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        // Leading and trailing zeros of the mantissa must not make the work below larger than the number is.
        let size = i64::try_from(digits.len()).ok()?;
        if exponent_of_ten.unsigned_abs() > MAGNITUDE_BITS_MAX.unsigned_abs() + size.unsigned_abs() {
            return None;
        }
        let power = UBig::from(5u8).pow(usize::try_from(exponent_of_ten.unsigned_abs()).ok()?);
        let exponent = exponent_of_ten.checked_add(exponent_of_two)?;
        if exponent_of_ten < 0 {
            Self::quotient(&significand, &IBig::from(power), exponent, TEXT_PRECISION)
        } else {
            Self::rounded(significand * power, exponent, TEXT_PRECISION, false)
        }
    }

    /// Parses a whole number of any size as Terraform's `parseint`: digits, letters of either case up to base 36,
    /// above it `a-z` as 10 to 35 and `A-Z` as 36 to 61. `None` for other text and for a base outside 2 to 62.
    pub fn parse_int(text: &str, base: u32) -> Option<Self> {
        if !(2..=62).contains(&base) {
            return None;
        }
        let (negative, unsigned) = split_sign(text);
        let digits: Vec<Word> = unsigned.bytes().map(|byte| digit_value(byte, base)).collect::<Option<_>>()?;
        let magnitude = UBig::from_digits(Word::from(base), &digits).ok()?;
        let precision = u32::try_from(magnitude.bit_len()).ok()?.max(INTEGER_PRECISION);
        Self::rounded(IBig::from_parts(sign_of(negative), magnitude), 0, precision, false)
    }
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn parse_exponent(text: &str) -> Option<i64> {
    text.parse().ok()
}

fn digit_value(byte: u8, base: u32) -> Option<Word> {
    let value = match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'z' => byte - b'a' + 10,
        b'A'..=b'Z' if base <= 36 => byte - b'A' + 10,
        b'A'..=b'Z' => byte - b'A' + 36,
        _ => return None,
    };
    (u32::from(value) < base).then_some(Word::from(value))
}
