//! The operators of numbers, and powers and logarithms.

use dashu_int::ops::BitTest;

use super::{ArithmeticError, Binary, INTEGER_PRECISION, Number, TEXT_PRECISION, double, shift};

/// # Arithmetic
///
/// An infinity goes through where the result is clear, and is an [`ArithmeticError`] where it is not.
impl Number {
    /// Adds.
    ///
    /// # Errors
    /// [`ArithmeticError::OpposingInfinities`], [`ArithmeticError::OutOfRange`].
    pub fn add(&self, other: &Self) -> Result<Self, ArithmeticError> {
        let precision = self.precision().max(other.precision());
        if let (Some(left), Some(right)) = (self.as_i64(), other.as_i64())
            && precision >= INTEGER_PRECISION
            && let Some(sum) = left.checked_add(right)
            && sum != 0
        {
            return Ok(Self::integer(sum, precision));
        }
        match (self.is_infinite(), other.is_infinite()) {
            (true, true) if self != other => Err(ArithmeticError::OpposingInfinities),
            (true, _) => Ok(self.with_precision(precision)),
            (false, true) => Ok(other.with_precision(precision)),
            (false, false) => self.add_rounded(other, precision).ok_or(ArithmeticError::OutOfRange),
        }
    }

    /// Subtracts.
    ///
    /// # Errors
    /// [`ArithmeticError::InfinityLessItself`], [`ArithmeticError::OutOfRange`].
    pub fn sub(&self, other: &Self) -> Result<Self, ArithmeticError> {
        self.add(&other.neg()).map_err(|error| match error {
            ArithmeticError::OpposingInfinities => ArithmeticError::InfinityLessItself,
            error => error,
        })
    }

    /// Multiplies. The product keeps up to 512 bits, even when both operands carry fewer.
    ///
    /// # Errors
    /// [`ArithmeticError::ZeroTimesInfinity`], [`ArithmeticError::OutOfRange`].
    pub fn mul(&self, other: &Self) -> Result<Self, ArithmeticError> {
        let precision = self.precision().max(other.precision());
        let negative = self.is_negative() != other.is_negative();
        if let (Some(left), Some(right)) = (self.as_i64(), other.as_i64())
            && precision >= INTEGER_PRECISION
            && let Some(product) = left.checked_mul(right)
        {
            return Ok(match product {
                0 => Self::zero(negative, precision),
                product => Self::integer(product, precision),
            });
        }
        if self.is_infinite() || other.is_infinite() {
            return match self.is_zero() || other.is_zero() {
                true => Err(ArithmeticError::ZeroTimesInfinity),
                false => Ok(Self::infinity(negative, precision)),
            };
        }
        let (left, right) = (self.binary(), other.binary());
        let exponent = left.exponent + right.exponent;
        let product = Self::rounded(left.significand * right.significand, exponent, TEXT_PRECISION, negative)
            .ok_or(ArithmeticError::OutOfRange)?;
        let needed = u32::try_from(product.binary().significand.bit_len()).expect("at most 512 bits");
        Ok(product.with_precision(precision.max(needed)))
    }

    /// Divides; by zero to an infinity, whose sign heeds that of the zero.
    ///
    /// # Errors
    /// [`ArithmeticError::IndeterminateQuotient`], [`ArithmeticError::OutOfRange`].
    pub fn div(&self, other: &Self) -> Result<Self, ArithmeticError> {
        let precision = self.precision().max(other.precision());
        let negative = self.is_negative() != other.is_negative();
        if self.is_zero() && other.is_zero() || self.is_infinite() && other.is_infinite() {
            return Err(ArithmeticError::IndeterminateQuotient);
        }
        if self.is_zero() || other.is_infinite() {
            return Ok(Self::zero(negative, precision));
        }
        if other.is_zero() || self.is_infinite() {
            return Ok(Self::infinity(negative, precision));
        }
        let (left, right) = (self.binary(), other.binary());
        let exponent = left.exponent - right.exponent;
        Self::quotient(&left.significand, &right.significand, exponent, precision).ok_or(ArithmeticError::OutOfRange)
    }

    /// The remainder of truncating division, with the sign of the dividend; a zero divisor leaves the dividend.
    ///
    /// As in Terraform the steps round to the dividend's precision, so that `1 % 0.1` is `0`.
    ///
    /// # Errors
    /// [`ArithmeticError::ModuloOfInfinity`], and [`ArithmeticError::OutOfRange`] also for the quotient.
    pub fn rem(&self, other: &Self) -> Result<Self, ArithmeticError> {
        if other.is_zero() {
            return Ok(self.clone());
        }
        if self.is_infinite() || other.is_infinite() {
            return Err(ArithmeticError::ModuloOfInfinity);
        }
        let precision = self.precision();
        let whole = self.div(other)?.truncated();
        self.less_multiple(&whole, other, precision).ok_or(ArithmeticError::OutOfRange)
    }

    /// Raises to a power, in double precision as Terraform does; what is beyond the doubles is an infinity.
    ///
    /// # Errors
    /// [`ArithmeticError::BeyondDoubles`] for an operand, [`ArithmeticError::NotReal`].
    pub fn pow(&self, exponent: &Self) -> Result<Self, ArithmeticError> {
        let power = double::power(self.as_operand_f64()?, exponent.as_operand_f64()?);
        Self::from_f64(power).ok_or(ArithmeticError::NotReal)
    }

    /// The logarithm to a base, in double precision as Terraform does.
    ///
    /// # Errors
    /// [`ArithmeticError::BeyondDoubles`] for an operand, [`ArithmeticError::NotReal`].
    pub fn log(&self, base: &Self) -> Result<Self, ArithmeticError> {
        let logarithm = libm::log(self.as_operand_f64()?) / libm::log(base.as_operand_f64()?);
        Self::from_f64(logarithm).ok_or(ArithmeticError::NotReal)
    }

    fn as_operand_f64(&self) -> Result<f64, ArithmeticError> {
        let double = self.to_f64();
        match double.is_infinite() && !self.is_infinite() {
            true => Err(ArithmeticError::BeyondDoubles),
            false => Ok(double),
        }
    }

    /// `self - whole * other` of finite numbers.
    fn less_multiple(&self, whole: &Self, other: &Self, precision: u32) -> Option<Self> {
        let (left, right) = (whole.with_rounding(precision)?.binary(), other.binary());
        let multiple = Self::rounded(
            left.significand * right.significand,
            left.exponent + right.exponent,
            precision,
            whole.is_negative() != other.is_negative(),
        )?;
        self.add_rounded(&multiple.neg(), precision)
    }

    /// The sum of finite numbers.
    fn add_rounded(&self, other: &Self, precision: u32) -> Option<Self> {
        let negative_zero = self.is_zero() && other.is_zero() && self.is_negative() && other.is_negative();
        if self.is_zero() && !other.is_zero() {
            return other.with_rounding(precision);
        }
        if other.is_zero() && !self.is_zero() {
            return self.with_rounding(precision);
        }
        let (left, right): (Binary, Binary) = (self.binary(), other.binary());
        let exponent = left.exponent.min(right.exponent);
        let sum = (left.significand << shift(left.exponent - exponent))
            + (right.significand << shift(right.exponent - exponent));
        Self::rounded(sum, exponent, precision, negative_zero)
    }
}
