//! The decimal digits of a binary float: all of them, or the fewest that identify it.

use dashu_int::UBig;
use dashu_int::ops::BitTest;

use super::shift;

/// The magnitude `0.DIGITS * 10^point`: ASCII digits without trailing zeros, none at all for zero.
pub struct Decimal {
    pub digits: Vec<u8>,
    pub point: i64,
}

impl Decimal {
    /// All digits of `significand * 2^exponent`; every binary fraction has finitely many.
    pub fn exact(significand: &UBig, exponent: i64) -> Self {
        let (integer, fraction_digits) = if exponent >= 0 {
            (significand << shift(exponent), 0)
        } else {
            (significand * UBig::from(5u8).pow(shift(-exponent)), -exponent)
        };
        if integer.is_zero() {
            return Self { digits: Vec::new(), point: 0 };
        }
        let digits = integer.to_string().into_bytes();
        let point = digits.len() as i64 - fraction_digits;
        Self { digits, point }.trimmed()
    }

    /// The fewest digits that identify the number among those of `precision` bits.
    ///
    /// The neighbourhood reaches half a unit of the last place to both sides, also below a power of two where the
    /// numbers lie closer: so does Go's.
    pub fn shortest(significand: &UBig, exponent: i64, precision: u32) -> Self {
        let exact = Self::exact(significand, exponent);
        let missing = (precision as usize + 1).saturating_sub(significand.bit_len());
        let scaled = significand << missing;
        let exponent = exponent - missing as i64;
        let lower = Self::exact(&(&scaled - UBig::ONE), exponent);
        let upper = Self::exact(&(&scaled + UBig::ONE), exponent);
        // Ties go to the even mantissa, so the ends belong to an even number. The lowest bit stands for half a unit.
        let ends_belong = !scaled.bit(1);
        for (index, &digit) in exact.digits.iter().enumerate() {
            let count = index + 1;
            let (low, high) = (lower.digit(index), upper.digit(index));
            let may_cut = low != digit || ends_belong && count == lower.digits.len();
            let may_raise = high != digit && (ends_belong || digit + 1 < high || count < upper.digits.len());
            match (may_cut, may_raise) {
                (true, true) => return exact.rounded(count),
                (true, false) => return exact.cut(count),
                (false, true) => return exact.raised(count),
                (false, false) => {}
            }
        }
        exact
    }

    fn digit(&self, index: usize) -> u8 {
        self.digits.get(index).copied().unwrap_or(b'0')
    }

    /// Keeps `count` digits, rounding to nearest, ties to even.
    pub fn rounded(self, count: usize) -> Self {
        let Some(&next) = self.digits.get(count) else {
            return self;
        };
        let is_tie = next == b'5' && self.digits.len() == count + 1;
        let last_is_odd = count > 0 && self.digit(count - 1) % 2 == 1;
        let up = if is_tie { last_is_odd } else { next >= b'5' };
        if up { self.raised(count) } else { self.cut(count) }
    }

    fn cut(mut self, count: usize) -> Self {
        self.digits.truncate(count);
        self.trimmed()
    }

    /// Keeps `count` digits and adds one to the last of them.
    fn raised(mut self, count: usize) -> Self {
        self.digits.truncate(count);
        while self.digits.last() == Some(&b'9') {
            self.digits.pop();
        }
        match self.digits.last_mut() {
            Some(last) => *last += 1,
            None => {
                self.digits.push(b'1');
                self.point += 1;
            }
        }
        self
    }

    fn trimmed(mut self) -> Self {
        let kept = self.digits.iter().rposition(|&digit| digit != b'0').map_or(0, |index| index + 1);
        self.digits.truncate(kept);
        self
    }

    /// The digits with a point among them and zeros around them, without an exponent.
    pub fn positional(&self) -> String {
        let digits = ascii(&self.digits);
        let Ok(whole) = usize::try_from(self.point) else {
            let zeros = shift(-self.point);
            return format!("0.{:0>zeros$}{digits}", "");
        };
        match digits.len() {
            0 => "0".to_owned(),
            count if count <= whole => format!("{digits:0<whole$}"),
            _ if whole == 0 => format!("0.{digits}"),
            _ => format!("{}.{}", &digits[..whole], &digits[whole..]),
        }
    }

    pub fn to_f64(&self) -> f64 {
        let text = format!("0.{}e{}", ascii(&self.digits), self.point);
        text.parse().expect("digits with an exponent are a double's text")
    }
}

/// Digits as text.
pub fn ascii(digits: &[u8]) -> &str {
    std::str::from_utf8(digits).expect("decimal digits are ASCII")
}
