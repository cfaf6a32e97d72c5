//! A number of the language: a binary float of arbitrary precision, rounded and printed as Terraform's.
//!
//! Terraform's numbers are Go's `big.Float`. Each carries the precision it was made with: 512 bits for literals and
//! parsed text, 64 for lengths and indexes, 53 for what went through a double (`pow`, `log`). The precision decides
//! how results round and how many digits are printed, but not whether two numbers are equal. Results round to
//! nearest, ties to even.
//!
//! There are two infinities, as the quotient of a number and zero or as a power beyond the doubles. They compute and
//! print, but have no JSON form: whoever writes a value down must refuse them. What has no result at all, such as
//! `0 / 0`, is an [`ArithmeticError`], and so is a finite result beyond the limit of magnitudes.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use dashu_int::ops::{BitTest, UnsignedAbs};
use dashu_int::{IBig, Sign, UBig};

use decimal::Decimal;

pub mod json;

#[cfg(test)]
mod against_terraform;
mod arithmetic;
mod decimal;
mod double;
mod format;
mod parse;
#[cfg(test)]
mod tests;

/// Bits of mantissa of literals and parsed text.
const TEXT_PRECISION: u32 = 512;
/// Bits of mantissa of numbers made from machine integers.
const INTEGER_PRECISION: u32 = 64;
/// Bits of mantissa of numbers made from doubles.
const DOUBLE_PRECISION: u32 = f64::MANTISSA_DIGITS;
/// Numbers from `2^-MAGNITUDE_BITS_MAX` to `2^MAGNITUDE_BITS_MAX` exist, about 1.2 million decimal digits each way.
///
/// Terraform's limit is 2^31, where printing a number takes gigabytes; the lower one keeps a typo such as
/// `1e999999999` an error instead of a hang.
const MAGNITUDE_BITS_MAX: i64 = 1 << 22;

/// A number or an infinity. Clone is O(1); equality, order and hash are those of the value, whatever its precision.
///
/// `-0` prints as `-0`, as in Terraform, and equals `0`; the infinities are `+Inf` and `-Inf`, beyond all other numbers.
#[derive(Clone)]
pub struct Number(Repr);

#[derive(Clone)]
enum Repr {
    /// Every whole number that fits, and nothing else: this makes equality and hash canonical.
    Integer {
        value: i64,
        negative_zero: bool,
        precision: u32,
    },
    Wide(Arc<Wide>),
    Infinity {
        negative: bool,
        precision: u32,
    },
}

/// Why an operation on numbers has no result. The words are Terraform's where it has some.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ArithmeticError {
    #[error("can't compute sum of opposing infinities")]
    OpposingInfinities,
    #[error("can't subtract infinity from itself")]
    InfinityLessItself,
    #[error("can't multiply zero by infinity")]
    ZeroTimesInfinity,
    #[error("can't divide zero by zero or infinity by infinity")]
    IndeterminateQuotient,
    #[error("can't use modulo with zero and infinity")]
    ModuloOfInfinity,
    /// A power or logarithm that is not a real number.
    #[error("the result is not a real number")]
    NotReal,
    /// An operand that is not infinite itself, but beyond the doubles.
    #[error("a number is larger than {:e}, which is the most that powers and logarithms take", f64::MAX)]
    BeyondDoubles,
    #[error("the result is larger or smaller than numbers can be")]
    OutOfRange,
}

/// `significand * 2^exponent`, the significand odd, or both zero.
#[derive(PartialEq, Eq, Hash)]
struct Binary {
    significand: IBig,
    exponent: i64,
}

struct Wide {
    binary: Binary,
    precision: u32,
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::integer(value, INTEGER_PRECISION)
    }
}

impl From<i32> for Number {
    fn from(value: i32) -> Self {
        Self::from(i64::from(value))
    }
}

impl From<u32> for Number {
    fn from(value: u32) -> Self {
        Self::from(i64::from(value))
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self::rounded(IBig::from(value), 0, INTEGER_PRECISION, false).expect("64 bits are within the range of numbers")
    }
}

impl From<usize> for Number {
    fn from(value: usize) -> Self {
        Self::from(value as u64)
    }
}

impl Number {
    /// Converts a double exactly; `None` for NaN.
    pub fn from_f64(value: f64) -> Option<Self> {
        if value.is_nan() {
            return None;
        }
        if value.is_infinite() {
            return Some(Self::infinity(value.is_sign_negative(), DOUBLE_PRECISION));
        }
        let bits = value.to_bits();
        let fraction = bits & ((1 << 52) - 1);
        let biased = i64::try_from(bits >> 52 & 0x7ff).expect("11 bits fit");
        let magnitude = if biased == 0 { fraction } else { fraction | 1 << 52 };
        let significand = IBig::from(magnitude) * sign_of(value.is_sign_negative());
        Self::rounded(significand, biased.max(1) - 1075, DOUBLE_PRECISION, value.is_sign_negative())
    }

    /// The number with the opposite sign; `0` becomes `-0`.
    pub fn neg(&self) -> Self {
        let precision = self.precision();
        if self.is_zero() {
            return Self::zero(!self.is_negative(), precision);
        }
        if self.is_infinite() {
            return Self::infinity(!self.is_negative(), precision);
        }
        let Binary { significand, exponent } = self.binary();
        Self::exact(-significand, exponent, precision)
    }

    /// The number without its sign.
    pub fn abs(&self) -> Self {
        if self.is_negative() { self.neg() } else { self.clone() }
    }

    /// The largest whole number that is not above this one.
    pub fn floor(&self) -> Self {
        if self.is_infinite() {
            return self.clone();
        }
        let Binary { significand, exponent } = self.binary();
        if exponent >= 0 {
            return self.without_negative_zero();
        }
        Self::exact(significand >> shift(-exponent), 0, self.precision())
    }

    /// The smallest whole number that is not below this one; never `-0`.
    pub fn ceil(&self) -> Self {
        self.neg().floor().neg().without_negative_zero()
    }

    /// -1, 0 or 1; `None` unless the number is whole and fits in 64 bits, which is where Terraform's `signum` fails.
    pub fn signum(&self) -> Option<Self> {
        self.as_i64().map(|value| Self::from(value.signum()))
    }

    /// Whether the number has no fraction, at any size; false of the infinities.
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Integer { .. } => true,
            Repr::Wide(wide) => wide.binary.exponent >= 0,
            Repr::Infinity { .. } => false,
        }
    }

    /// Whether the number is one of the two infinities, which have no digits and no JSON form.
    pub fn is_infinite(&self) -> bool {
        matches!(self.0, Repr::Infinity { .. })
    }

    /// Whether the number is `0` or `-0`.
    pub fn is_zero(&self) -> bool {
        self.as_i64() == Some(0)
    }

    /// Whether the number has a minus sign; true of `-0`.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Integer { value, negative_zero, .. } => *value < 0 || *negative_zero,
            Repr::Wide(wide) => wide.binary.significand.sign() == Sign::Negative,
            Repr::Infinity { negative, .. } => *negative,
        }
    }

    /// The exact value, where it is whole and fits.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Integer { value, .. } => Some(*value),
            Repr::Wide(_) | Repr::Infinity { .. } => None,
        }
    }

    /// The exact value, where it is whole and fits.
    pub fn as_usize(&self) -> Option<usize> {
        match &self.0 {
            Repr::Integer { value, .. } => usize::try_from(*value).ok(),
            Repr::Wide(wide) if wide.binary.exponent >= 0 && top_bit(&wide.binary) <= 64 => {
                usize::try_from(&wide.binary.significand << shift(wide.binary.exponent)).ok()
            }
            Repr::Wide(_) | Repr::Infinity { .. } => None,
        }
    }

    /// The nearest double, ties to even; an infinity or zero where the magnitude is out of a double's range.
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Repr::Integer { negative_zero: true, .. } => -0.0,
            Repr::Integer { value, .. } => *value as f64,
            Repr::Infinity { negative: false, .. } => f64::INFINITY,
            Repr::Infinity { negative: true, .. } => f64::NEG_INFINITY,
            Repr::Wide(wide) => {
                let sign = if self.is_negative() { -1.0 } else { 1.0 };
                match top_bit(&wide.binary) {
                    1025.. => sign * f64::INFINITY,
                    ..-1080 => sign * 0.0,
                    _ => sign * self.decimal().to_f64(),
                }
            }
        }
    }

    /// The text of the number in JSON, as Terraform's `jsonencode` prints it: like `tostring`, without an exponent.
    /// `None` for the infinities.
    pub fn to_json_string(&self) -> Option<String> {
        (!self.is_infinite()).then(|| self.to_string())
    }

    /// The text that orders numbers inside of set elements: ten significant digits, Go's `%.10g`.
    pub fn set_hash_text(&self) -> String {
        const DIGITS: usize = 10;
        if self.is_infinite() {
            return self.to_string();
        }
        let rounded = self.decimal().rounded(DIGITS);
        let count = rounded.digits.len();
        // A whole number with trailing zeros keeps its position up to ten digits, any other only as far as it goes.
        let exponent_from = match i64::try_from(count).expect("ten digits") {
            short if count < DIGITS && short >= rounded.point => short,
            _ => DIGITS as i64,
        };
        let sign = if self.is_negative() { "-" } else { "" };
        let exponent = rounded.point - 1;
        if (-4..exponent_from).contains(&exponent) {
            return format!("{sign}{}", rounded.positional());
        }
        let (first, rest) = rounded.digits.split_at(1.min(count));
        let (first, rest) = (decimal::ascii(first), decimal::ascii(rest));
        let point = if rest.is_empty() { "" } else { "." };
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        format!("{sign}{first}{point}{rest}e{exponent_sign}{:02}", exponent.unsigned_abs())
    }

    fn integer(value: i64, precision: u32) -> Self {
        Self(Repr::Integer { value, negative_zero: false, precision })
    }

    fn zero(negative: bool, precision: u32) -> Self {
        Self(Repr::Integer { value: 0, negative_zero: negative, precision })
    }

    fn infinity(negative: bool, precision: u32) -> Self {
        Self(Repr::Infinity { negative, precision })
    }

    /// Makes the number nearest to `significand * 2^exponent` with `precision` bits, the one way to all wide numbers.
    /// `negative_zero` is the sign of a zero; it is not looked at otherwise.
    fn rounded(significand: IBig, exponent: i64, precision: u32, negative_zero: bool) -> Option<Self> {
        if significand.is_zero() {
            return Some(Self::zero(negative_zero, precision));
        }
        let (significand, exponent) = round_to_even(significand, exponent, precision);
        let trailing = significand.trailing_zeros().expect("a rounded significand is not zero");
        let binary = Binary {
            significand: significand >> trailing,
            exponent: exponent.checked_add(i64::try_from(trailing).ok()?)?,
        };
        let top = top_bit(&binary);
        if !(-MAGNITUDE_BITS_MAX..=MAGNITUDE_BITS_MAX).contains(&top) {
            return None;
        }
        if binary.exponent >= 0
            && top <= 64
            && let Ok(value) = i64::try_from(&binary.significand << shift(binary.exponent))
        {
            return Some(Self::integer(value, precision));
        }
        Some(Self(Repr::Wide(Arc::new(Wide { binary, precision }))))
    }

    /// Like [`Self::rounded`], of a value that is no larger than a number that exists.
    fn exact(significand: IBig, exponent: i64, precision: u32) -> Self {
        Self::rounded(significand, exponent, precision, false).expect("a magnitude derived from a number in range")
    }

    /// `left / right * 2^exponent`, rounded once. `right` is not zero.
    fn quotient(left: &IBig, right: &IBig, exponent: i64, precision: u32) -> Option<Self> {
        // Two bits more than the result needs, and one that says whether there is a remainder: no false ties.
        let wanted = precision as usize + 2 + right.bit_len();
        let extra = wanted.saturating_sub(left.bit_len());
        let (dividend, divisor) = ((left << extra).unsigned_abs(), right.unsigned_abs());
        let quotient = &dividend / &divisor;
        let inexact = &quotient * &divisor != dividend;
        let magnitude = (quotient << 1) | UBig::from(u8::from(inexact));
        let negative = left.sign() != right.sign();
        let exponent = exponent.checked_sub(i64::try_from(extra).ok()? + 1)?;
        Self::rounded(IBig::from_parts(sign_of(negative), magnitude), exponent, precision, negative)
    }

    /// The same value with its fraction cut off.
    fn truncated(&self) -> Self {
        match self.is_negative() {
            true => self.ceil(),
            false => self.floor(),
        }
    }

    fn without_negative_zero(&self) -> Self {
        if self.is_zero() { Self::integer(0, self.precision()) } else { self.clone() }
    }

    /// The same value, labelled with a precision that holds it.
    fn with_precision(&self, precision: u32) -> Self {
        match &self.0 {
            Repr::Integer { value, negative_zero, .. } => {
                Self(Repr::Integer { value: *value, negative_zero: *negative_zero, precision })
            }
            Repr::Infinity { negative, .. } => Self::infinity(*negative, precision),
            Repr::Wide(_) => {
                let Binary { significand, exponent } = self.binary();
                Self::exact(significand, exponent, precision)
            }
        }
    }

    fn with_rounding(&self, precision: u32) -> Option<Self> {
        if self.is_infinite() {
            return Some(self.with_precision(precision));
        }
        let Binary { significand, exponent } = self.binary();
        Self::rounded(significand, exponent, precision, self.is_negative())
    }

    /// -1 and 1 for the infinities, 0 for what lies between them.
    fn infinite_side(&self) -> i8 {
        match &self.0 {
            Repr::Integer { .. } | Repr::Wide(_) => 0,
            Repr::Infinity { negative: true, .. } => -1,
            Repr::Infinity { negative: false, .. } => 1,
        }
    }

    fn precision(&self) -> u32 {
        match &self.0 {
            Repr::Integer { precision, .. } | Repr::Infinity { precision, .. } => *precision,
            Repr::Wide(wide) => wide.precision,
        }
    }

    /// The parts of a number that is not infinite.
    fn binary(&self) -> Binary {
        match &self.0 {
            Repr::Infinity { .. } => unreachable!("infinities are handled before digits are looked at"),
            Repr::Integer { value: 0, .. } => Binary { significand: IBig::ZERO, exponent: 0 },
            Repr::Integer { value, .. } => {
                let exponent = value.trailing_zeros();
                Binary { significand: IBig::from(value >> exponent), exponent: i64::from(exponent) }
            }
            Repr::Wide(wide) => Binary { significand: wide.binary.significand.clone(), exponent: wide.binary.exponent },
        }
    }

    /// All digits of the magnitude of a number that is not infinite.
    fn decimal(&self) -> Decimal {
        let Binary { significand, exponent } = self.binary();
        Decimal::exact(&significand.unsigned_abs(), exponent)
    }
}

impl fmt::Display for Number {
    /// Prints the shortest decimal that reads back as this number at its precision, never with an exponent, which is
    /// how Terraform converts a number to a string.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Repr::Integer { value, negative_zero, precision } = &self.0
            && (*precision >= INTEGER_PRECISION || value.unsigned_abs() >> precision == 0)
        {
            let sign = if *negative_zero { "-" } else { "" };
            return write!(formatter, "{sign}{value}");
        }
        if let Repr::Infinity { negative, .. } = &self.0 {
            return formatter.write_str(if *negative { "-Inf" } else { "+Inf" });
        }
        let Binary { significand, exponent } = self.binary();
        let sign = if self.is_negative() { "-" } else { "" };
        let shortest = Decimal::shortest(&significand.unsigned_abs(), exponent, self.precision());
        write!(formatter, "{sign}{}", shortest.positional())
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Integer { value: left, .. }, Repr::Integer { value: right, .. }) => left == right,
            (Repr::Wide(left), Repr::Wide(right)) => left.binary == right.binary,
            (Repr::Infinity { negative: left, .. }, Repr::Infinity { negative: right, .. }) => left == right,
            (Repr::Integer { .. } | Repr::Wide(_) | Repr::Infinity { .. }, _) => false,
        }
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Repr::Integer { value, .. } => value.hash(state),
            Repr::Wide(wide) => wide.binary.hash(state),
            Repr::Infinity { negative, .. } => negative.hash(state),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Some(left), Some(right)) = (self.as_i64(), other.as_i64()) {
            return left.cmp(&right);
        }
        if self.is_infinite() || other.is_infinite() {
            return self.infinite_side().cmp(&other.infinite_side());
        }
        let (left, right) = (self.binary(), other.binary());
        let by_sign = left.significand.signum().cmp(&right.significand.signum());
        let negative = left.significand.sign() == Sign::Negative;
        by_sign.then_with(|| {
            let by_size = top_bit(&left).cmp(&top_bit(&right)).then_with(|| {
                let exponent = left.exponent.min(right.exponent);
                let left_aligned = left.significand.unsigned_abs() << shift(left.exponent - exponent);
                left_aligned.cmp(&(right.significand.unsigned_abs() << shift(right.exponent - exponent)))
            });
            if negative { by_size.reverse() } else { by_size }
        })
    }
}

/// Rounds to `precision` bits, ties to even. The significand is not zero and stays so.
fn round_to_even(significand: IBig, exponent: i64, precision: u32) -> (IBig, i64) {
    let excess = significand.bit_len().saturating_sub(precision as usize);
    if excess == 0 {
        return (significand, exponent);
    }
    let (sign, magnitude) = significand.into_parts();
    let half = magnitude.bit(excess - 1);
    let beyond_half = magnitude.trailing_zeros().is_some_and(|zeros| zeros < excess - 1);
    let mut kept = magnitude >> excess;
    if half && (beyond_half || kept.bit(0)) {
        kept += UBig::ONE;
    }
    (IBig::from_parts(sign, kept), exponent.saturating_add(excess as i64))
}

/// The position of the highest bit: the magnitude is below `2^top` and not below half of it.
fn top_bit(binary: &Binary) -> i64 {
    binary.exponent.saturating_add(binary.significand.bit_len() as i64)
}

fn shift(bits: i64) -> usize {
    usize::try_from(bits).expect("a shift is not negative")
}

fn sign_of(negative: bool) -> Sign {
    if negative { Sign::Negative } else { Sign::Positive }
}
