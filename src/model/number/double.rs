//! Powers of doubles, to the last digit as Terraform computes them.

/// `base^exponent` by repeated squaring of the mantissa, as Go's `math.Pow`: the last digits of large powers differ from
/// those of the C library's `pow`, and they end up in users' states.
pub fn power(base: f64, exponent: f64) -> f64 {
    if exponent == 0.0 || base == 1.0 {
        return 1.0;
    }
    if base == 0.0 {
        return base.powf(exponent);
    }
    if exponent == 1.0 {
        return base;
    }
    if base.is_infinite() || exponent.is_infinite() {
        return base.powf(exponent);
    }
    if exponent.abs() == 0.5 {
        let root = base.sqrt();
        return if exponent < 0.0 { 1.0 / root } else { root };
    }
    let (mut whole, mut fraction) = (exponent.abs().trunc(), exponent.abs().fract());
    if fraction != 0.0 && base < 0.0 {
        return f64::NAN;
    }
    // Far too many squarings: the answer is 0, 1 or an infinity.
    if whole >= (1_u64 << 63) as f64 {
        return base.powf(exponent);
    }
    let mut mantissa = 1.0;
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole += 1.0;
        }
        mantissa = exponential(fraction * libm::log(base));
    }
    let mut binary_exponent = 0_i64;
    let (mut square, mut square_exponent) = split(base);
    let mut remaining = whole as i64;
    while remaining != 0 {
        if square_exponent.abs() > 1 << 12 {
            // Far outside of a double's range already.
            binary_exponent += square_exponent;
            break;
        }
        if remaining & 1 == 1 {
            mantissa *= square;
            binary_exponent += square_exponent;
        }
        square *= square;
        square_exponent *= 2;
        if square < 0.5 {
            square += square;
            square_exponent -= 1;
        }
        remaining >>= 1;
    }
    if exponent < 0.0 {
        mantissa = 1.0 / mantissa;
        binary_exponent = -binary_exponent;
    }
    scale(mantissa, binary_exponent)
}

/// Splits a finite double other than zero into a mantissa from 0.5 to 1 and a power of two.
fn split(value: f64) -> (f64, i64) {
    const EXPONENT_OF_HALF: u64 = 1022;
    let (normal, offset) = match value.is_subnormal() {
        true => (value * (1_u64 << 52) as f64, -52),
        false => (value, 0),
    };
    let bits = normal.to_bits();
    let exponent = i64::try_from(bits >> 52 & 0x7ff).expect("11 bits fit") - 1022 + offset;
    let mantissa = bits & !(0x7ff << 52) | EXPONENT_OF_HALF << 52;
    (f64::from_bits(mantissa), exponent)
}

/// `value * 2^exponent`, rounded once.
fn scale(value: f64, exponent: i64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let (mantissa, own_exponent) = split(value);
    let exponent = exponent.clamp(-5000, 5000) + own_exponent;
    // Steps of normal powers of two are exact; only the last one may round, into a subnormal.
    match exponent {
        1025.. => mantissa * f64::INFINITY,
        ..-1080 => mantissa * 0.0,
        -1020..1025 => mantissa * 2.0 * two_to_the(exponent - 1),
        -1080..-1020 => mantissa * two_to_the(-1000) * two_to_the(exponent + 1000),
    }
}

fn two_to_the(exponent: i64) -> f64 {
    let biased = u64::try_from(exponent + 1023).expect("a normal exponent");
    f64::from_bits(biased << 52)
}

/// `e^value` for a moderate value: a Taylor series of a sixteenth of the remainder after whole powers of two, squared
/// back four times, after Shibata's "Efficient evaluation methods of elementary functions suitable for SIMD computation".
///
/// This is how Terraform's x86-64 builds compute it, with fused multiply-add; the libraries' functions are no less exact
/// but differ in the last digit.
fn exponential(value: f64) -> f64 {
    /// The high bits of ln 2: products with small integers are exact.
    const LN_2_HIGH: f64 = 0.693_147_180_559_662_956_511_601_805_686_950_683_593_75;
    const LN_2_LOW: f64 = 0.282_352_905_630_315_771_225_884_481_750_134_360_255_254_120_68e-12;
    const SQUARINGS: u32 = 4;
    let twos = (value * std::f64::consts::LOG2_E).round_ties_even();
    let remainder = twos.mul_add(-LN_2_LOW, twos.mul_add(-LN_2_HIGH, value)) / f64::from(1 << SQUARINGS);
    // 1 + r/2! + r^2/3! + ... up to r^7/8!, innermost first.
    let mut series = 1.0 / 40320.0;
    for factorial in [5040.0, 720.0, 120.0, 24.0, 6.0, 2.0, 1.0] {
        series = remainder.mul_add(series, 1.0 / factorial);
    }
    // (1 + p)^2 - 1 is p * (p + 2), and the last squaring adds the one.
    let less_one = (1..SQUARINGS).fold(remainder * series, |power, _| power * (power + 2.0));
    scale(less_one.mul_add(less_one + 2.0, 1.0), twos as i64)
}
