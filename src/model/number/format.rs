//! Numbers as text in the layouts of the verbs of `format`: rounded, with an exponent, in another base.

use dashu_int::IBig;
use dashu_int::ops::UnsignedAbs;

use super::decimal::{Decimal, ascii};
use super::{Binary, Number, shift};

/// Below this exponent, and from the number of digits on, the general layout has an exponent.
const GENERAL_EXPONENT_MIN: i64 = -4;
/// The number of digits that decides for the shortest general layout.
const GENERAL_DIGITS: i64 = 6;

/// # Layouts, all with a `-` for negative numbers; the infinities are `+Inf` and `-Inf` in each
impl Number {
    /// Digits in a base from 2 to 36, in lower case; `None` for a number that is not whole.
    pub fn to_radix_string(&self, radix: u8) -> Option<String> {
        if !self.is_integer() {
            return None;
        }
        let Binary { significand, exponent } = self.binary();
        let integer: IBig = significand << shift(exponent);
        Some(integer.in_radix(radix).to_string())
    }

    /// A fixed number of digits after the point, rounded to nearest, ties to even: the verb `%f`.
    pub fn to_fixed_string(&self, decimals: usize) -> String {
        if self.is_infinite() {
            return self.to_string();
        }
        let decimal = self.decimal();
        let kept = decimal.point + places(decimals);
        let decimal = match usize::try_from(kept) {
            Ok(kept) => decimal.rounded(kept),
            Err(_) => Decimal { digits: Vec::new(), point: 0 },
        };
        let text = decimal.positional();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let point = if decimals > 0 { "." } else { "" };
        format!("{}{whole}{point}{fraction:0<decimals$}", self.sign())
    }

    /// One digit before the point and a fixed number after it, with an exponent: the verb `%e`.
    pub fn to_exponent_string(&self, decimals: usize) -> String {
        if self.is_infinite() {
            return self.to_string();
        }
        let decimal = self.decimal().rounded(decimals + 1);
        self.exponent_layout(&decimal, decimals)
    }

    /// The shorter of the two other layouts without zeros at the end: the verb `%g`. `digits` is the number of significant
    /// digits; without it there are as many as identify the number.
    pub fn to_general_string(&self, digits: Option<usize>) -> String {
        if self.is_infinite() {
            return self.to_string();
        }
        let decimal = match digits {
            Some(digits) => self.decimal().rounded(digits.max(1)),
            None => self.shortest(),
        };
        let count = places(decimal.digits.len());
        let exponent_from = match digits {
            None => GENERAL_DIGITS,
            Some(digits) => {
                let digits = places(digits.max(1));
                if digits > count && count >= decimal.point { count } else { digits }
            }
        };
        let exponent = decimal.point - 1;
        if decimal.digits.is_empty() || (GENERAL_EXPONENT_MIN..exponent_from).contains(&exponent) {
            return format!("{}{}", self.sign(), decimal.positional());
        }
        self.exponent_layout(&decimal, decimal.digits.len().saturating_sub(1))
    }

    fn exponent_layout(&self, decimal: &Decimal, decimals: usize) -> String {
        let (first, rest) = decimal.digits.split_at(1.min(decimal.digits.len()));
        let first = if first.is_empty() { "0" } else { ascii(first) };
        let exponent = if decimal.digits.is_empty() { 0 } else { decimal.point - 1 };
        let point = if decimals > 0 { "." } else { "" };
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        format!(
            "{}{first}{point}{:0<decimals$}e{exponent_sign}{:02}",
            self.sign(),
            ascii(rest),
            exponent.unsigned_abs()
        )
    }

    fn shortest(&self) -> Decimal {
        let Binary { significand, exponent } = self.binary();
        if significand.is_zero() {
            return self.decimal();
        }
        Decimal::shortest(&UnsignedAbs::unsigned_abs(&significand), exponent, self.precision())
    }

    fn sign(&self) -> &'static str {
        if self.is_negative() { "-" } else { "" }
    }
}

fn places(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::Number;

    fn number(text: &str) -> Number {
        Number::parse(text).expect("a number")
    }

    #[test]
    fn fixed_rounds_to_even_and_pads() {
        let fixed = |text: &str, decimals| number(text).to_fixed_string(decimals);
        assert_eq!(
            [fixed("1.005", 2), fixed("3.14159", 3), fixed("2", 2), fixed("-0.04", 1)],
            ["1.00", "3.142", "2.00", "-0.0"]
        );
        assert_eq!(
            [fixed("0.5", 0), fixed("1.5", 0), fixed("2.5", 0), fixed("0", 0), fixed("0.001", 2)],
            ["0", "2", "2", "0", "0.00"]
        );
    }

    #[test]
    fn exponents_have_two_digits_at_least() {
        let exponent = |text: &str, decimals| number(text).to_exponent_string(decimals);
        assert_eq!(
            [exponent("1.5", 6), exponent("12345.678", 3), exponent("0", 2)],
            ["1.500000e+00", "1.235e+04", "0.00e+00"]
        );
    }

    #[test]
    fn the_general_layout_has_an_exponent_from_six_digits_on() {
        let general = |text: &str| number(text).to_general_string(None);
        assert_eq!(
            [
                general("1000000"),
                general("123456.789"),
                general("123456789"),
                general("1e-10"),
                general("0.1"),
                general("0")
            ],
            ["1e+06", "123456.789", "1.23456789e+08", "1e-10", "0.1", "0"]
        );
        assert_eq!(number("123456").to_general_string(Some(3)), "1.23e+05");
    }

    #[test]
    fn bases_keep_the_sign() {
        assert_eq!(number("-255").to_radix_string(16).as_deref(), Some("-ff"));
        assert_eq!(number("12345678901234567890123").to_radix_string(10).as_deref(), Some("12345678901234567890123"));
        assert_eq!(number("1.5").to_radix_string(10), None);
    }
}
