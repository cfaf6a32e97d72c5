//! What numbers compute and print, by table and by exact fractions.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use dashu_int::ops::{BitTest, UnsignedAbs};
use dashu_int::{IBig, UBig};
use proptest::prelude::*;

use super::{ArithmeticError, Number, shift};

pub fn number(text: &str) -> Number {
    Number::parse(text).expect("a number's text")
}

fn double(value: f64) -> Number {
    Number::from_f64(value).expect("a finite double")
}

fn hash_of(number: &Number) -> u64 {
    let mut hasher = DefaultHasher::new();
    number.hash(&mut hasher);
    hasher.finish()
}

#[test]
fn number_is_two_words() {
    assert_eq!(size_of::<Number>(), 16);
}

#[test]
fn text_that_terraform_takes_for_a_number_parses() {
    for (text, printed) in [
        ("0", "0"),
        ("-0", "-0"),
        ("-0.0", "-0"),
        ("+1", "1"),
        (".5", "0.5"),
        ("+.5", "0.5"),
        ("5.", "5"),
        ("1.e5", "100000"),
        ("007", "7"),
        ("00.10", "0.1"),
        ("-.5e-2", "-0.005"),
        ("1E5", "100000"),
        ("1e+5", "100000"),
        ("1e0005", "100000"),
        ("1p5", "32"),
        ("1P5", "32"),
        ("1.5p2", "6"),
        ("1p-3", "0.125"),
        ("0e99999999999", "0"),
        ("1e21", "1000000000000000000000"),
        ("1e-7", "0.0000001"),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775808", "9223372036854775808"),
        ("123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"),
    ] {
        assert_eq!(number(text).to_string(), printed, "{text}");
    }
    assert_eq!(number("1e400").to_string(), format!("1{}", "0".repeat(400)));
    assert_eq!(number("1e-400").to_string(), format!("0.{}1", "0".repeat(399)));
}

#[test]
fn text_that_terraform_takes_for_no_number_is_refused() {
    for text in [
        "",
        "-",
        "+",
        ".",
        "e5",
        ".e5",
        "1e",
        "1e+",
        "1.2.3",
        "--1",
        "+-1",
        " 1",
        "1 ",
        "0x10",
        "0b11",
        "0o7",
        "1_000",
        "_1",
        "1e1_0",
        "NaN",
        "infinity",
        "INF",
        "1e99999999999",
        "1e-99999999999",
        "1e9223372036854775808",
        "0e9223372036854775808",
        "\u{661}",
    ] {
        assert_eq!(Number::parse(text), None, "{text}");
    }
}

#[test]
fn infinities_compute_and_print_as_terraforms() {
    let (plus, minus) = (number("Inf"), number("-inf"));
    assert_eq!([number("+Inf"), number("inf"), number("+inf"), double(f64::INFINITY)], [(); 4].map(|()| plus.clone()));
    assert_eq!([number("-Inf"), plus.neg(), double(f64::NEG_INFINITY)], [(); 3].map(|()| minus.clone()));
    assert_eq!(Number::from_f64(f64::NAN), None);
    for text in ["INF", "Infinity", "infinity", "iNF", " Inf", "Inf ", "0Inf", "++Inf", "+-Inf"] {
        assert_eq!(Number::parse(text), None, "{text}");
    }
    for (left, operator, right, result) in [
        ("1", '/', "0", "+Inf"),
        ("-1", '/', "0", "-Inf"),
        ("1", '/', "-0", "-Inf"),
        ("Inf", '/', "-0", "-Inf"),
        ("Inf", '/', "-2", "-Inf"),
        ("-2", '/', "Inf", "-0"),
        ("0", '/', "Inf", "0"),
        ("Inf", '+', "Inf", "+Inf"),
        ("1", '+', "-Inf", "-Inf"),
        ("1", '-', "Inf", "-Inf"),
        ("Inf", '-', "1e400", "+Inf"),
        ("Inf", '*', "-2", "-Inf"),
        ("-Inf", '*', "-Inf", "+Inf"),
        ("Inf", '%', "0", "+Inf"),
    ] {
        assert_eq!(calculated(left, operator, right).expect(left).to_string(), result, "{left} {operator} {right}");
    }
    for (left, operator, right, error) in [
        ("0", '/', "0", ArithmeticError::IndeterminateQuotient),
        ("Inf", '/', "-Inf", ArithmeticError::IndeterminateQuotient),
        ("Inf", '+', "-Inf", ArithmeticError::OpposingInfinities),
        ("Inf", '-', "Inf", ArithmeticError::InfinityLessItself),
        ("Inf", '*', "0", ArithmeticError::ZeroTimesInfinity),
        ("-0", '*', "Inf", ArithmeticError::ZeroTimesInfinity),
        ("3", '%', "Inf", ArithmeticError::ModuloOfInfinity),
        ("Inf", '%', "3", ArithmeticError::ModuloOfInfinity),
    ] {
        assert_eq!(calculated(left, operator, right), Err(error), "{left} {operator} {right}");
    }
    for result in [plus.floor(), plus.ceil(), plus.abs(), minus.abs(), minus.neg()] {
        assert_eq!(result.to_string(), "+Inf");
    }
    assert_eq!([minus.floor(), minus.ceil()], [minus.clone(), minus.clone()]);
}

#[test]
fn infinities_are_beyond_all_other_numbers_and_have_no_digits() {
    let (plus, minus) = (number("Inf"), number("-Inf"));
    assert!(plus > number("1e5000") && minus < number("-1e5000") && minus < plus);
    assert_eq!(hash_of(&plus), hash_of(&double(f64::INFINITY)));
    assert_ne!(plus, minus);
    assert_eq!((plus.signum(), plus.as_i64(), plus.as_usize(), plus.is_integer()), (None, None, None, false));
    assert_eq!(
        (plus.to_radix_string(10), plus.to_json_string(), plus.set_hash_text()),
        (None, None, "+Inf".to_owned())
    );
    assert_eq!([plus.to_fixed_string(2), plus.to_exponent_string(2)], ["+Inf", "+Inf"]);
    assert_eq!([minus.to_general_string(None), minus.to_general_string(Some(3))], ["-Inf", "-Inf"]);
    assert_eq!([plus.to_f64(), minus.to_f64()], [f64::INFINITY, f64::NEG_INFINITY]);
    assert!(serde_json::to_string(&plus).is_err());
    assert!(serde_json::from_str::<Number>("\"Inf\"").is_err());
}

fn calculated(left: &str, operator: char, right: &str) -> Result<Number, ArithmeticError> {
    let (left, right) = (number(left), number(right));
    match operator {
        '+' => left.add(&right),
        '-' => left.sub(&right),
        '*' => left.mul(&right),
        '/' => left.div(&right),
        _ => left.rem(&right),
    }
}

#[test]
fn magnitudes_end_at_the_documented_limit() {
    assert!(Number::parse("1e1262611").is_some());
    assert!(Number::parse("1e1262612").is_none());
    assert!(Number::parse("1e-1262611").is_some());
    assert!(Number::parse("1e-1262612").is_none());
    let large = number("1e1000000");
    let small = number("1e-1000000");
    for result in [large.mul(&large), small.mul(&small), large.div(&small)] {
        assert_eq!(result, Err(ArithmeticError::OutOfRange));
    }
    assert!(large > number("1e999999"));
    assert_eq!(large.add(&number("1")), Ok(large.clone()));
}

#[test]
fn division_prints_the_shortest_text_of_512_bits() {
    let third = number("1").div(&number("3")).expect("in range");
    assert_eq!(third.to_string(), format!("0.{}5", "3".repeat(154)));
    let lengths = Number::from(1_i64).div(&Number::from(3_usize)).expect("in range");
    assert_eq!(lengths.to_string(), "0.33333333333333333334");
    assert_ne!(third, lengths);
    assert_eq!(number("0.1").add(&number("0.2")), Ok(number("0.3")));
}

#[test]
fn precision_of_a_double_shows_until_it_meets_a_literal() {
    let root = number("2").pow(&number("0.5")).expect("finite");
    assert_eq!(root.to_string(), "1.4142135623730951");
    let exact = root.mul(&number("1")).expect("in range");
    assert_eq!(exact.to_string(), "1.4142135623730951454746218587388284504413604736328125");
    assert_eq!(root, exact);
    assert_eq!(hash_of(&root), hash_of(&exact));
    let product = root.mul(&number("3").pow(&number("0.5")).expect("finite")).expect("in range");
    assert_eq!(product.to_string(), "2.4494897427831781237221939200634");
    let large = number("2").pow(&number("100")).expect("finite");
    assert_eq!(large.to_string(), "1267650600228229400000000000000");
    assert_eq!(large, number("1267650600228229401496703205376"));
    let small = number("2").pow(&number("62")).expect("finite");
    assert_eq!(small.to_string(), "4611686018427388000");
    assert_eq!(small, Number::from(1_i64 << 62));
}

#[test]
fn zero_has_a_sign_that_prints_and_does_not_count() {
    let (zero, minus) = (number("0"), number("-0"));
    assert_eq!(zero, minus);
    assert_eq!(hash_of(&zero), hash_of(&minus));
    let text = |result: Result<Number, ArithmeticError>| result.expect("in range").to_string();
    assert_eq!(zero.neg().to_string(), "-0");
    assert_eq!(text(minus.add(&zero)), "0");
    assert_eq!(text(minus.sub(&zero)), "-0");
    assert_eq!(text(minus.mul(&minus)), "0");
    assert_eq!(text(zero.mul(&number("-1"))), "-0");
    assert_eq!(text(zero.div(&number("-5"))), "-0");
    assert_eq!(text(number("-5").add(&number("5"))), "0");
    assert_eq!(minus.floor().to_string(), "0");
    assert_eq!(number("-0.5").ceil().to_string(), "0");
    assert_eq!(minus.abs().to_string(), "0");
    assert!(minus.to_f64().is_sign_negative());
}

#[test]
fn remainder_has_the_sign_of_the_dividend() {
    for (left, right, remainder) in [
        ("-7", "3", "-1"),
        ("7", "-3", "1"),
        ("-7", "-3", "-1"),
        ("7.5", "2", "1.5"),
        ("-7.5", "2", "-1.5"),
        ("7.5", "-2.25", "0.75"),
        ("7", "0", "7"),
        ("0", "0", "0"),
        ("0", "5", "0"),
        ("1e30", "7", "1"),
        ("1", "0.1", "0"),
        ("1e-5", "1e-9", "0"),
    ] {
        let result = number(left).rem(&number(right)).expect("in range");
        assert_eq!(result.to_string(), remainder, "{left} % {right}");
    }
}

#[test]
fn floor_and_ceil_go_to_whole_numbers() {
    for (text, floor, ceil) in [
        ("1.5", "1", "2"),
        ("-1.5", "-2", "-1"),
        ("3", "3", "3"),
        ("1e-400", "0", "1"),
        ("-1e-400", "-1", "0"),
        ("1e30", "1000000000000000000000000000000", "1000000000000000000000000000000"),
        ("9223372036854775807.5", "9223372036854775807", "9223372036854775808"),
    ] {
        assert_eq!(number(text).floor().to_string(), floor, "floor({text})");
        assert_eq!(number(text).ceil().to_string(), ceil, "ceil({text})");
        assert!(number(text).floor().is_integer());
    }
}

#[test]
fn signum_is_of_whole_64_bit_numbers_only() {
    assert_eq!(number("-0").signum().map(|sign| sign.to_string()), Some("0".to_owned()));
    assert_eq!(number("-9223372036854775808").signum(), Some(number("-1")));
    assert_eq!(number("5").signum(), Some(number("1")));
    assert_eq!(number("0.5").signum(), None);
    assert_eq!(number("1e30").signum(), None);
}

#[test]
fn parse_int_takes_every_base_and_any_size() {
    for (text, base, value) in [
        ("ff", 16, "255"),
        ("-FF", 16, "-255"),
        ("+5", 10, "5"),
        ("-0", 10, "0"),
        ("z", 36, "35"),
        ("Z", 36, "35"),
        ("z", 62, "35"),
        ("Z", 62, "61"),
    ] {
        assert_eq!(Number::parse_int(text, base).expect("an integer").to_string(), value, "{text}");
    }
    let large = Number::parse_int(&"z".repeat(200), 36).expect("an integer");
    let power = (0..200).fold(UBig::ONE, |power, _| power * UBig::from(36_u8));
    assert_eq!(large.to_string(), (power - UBig::ONE).to_string());
    for (text, base) in [
        ("", 10),
        ("-", 10),
        ("--1", 10),
        ("1_0", 10),
        (" 1", 10),
        ("12.0", 10),
        ("0x10", 16),
        ("0b1", 2),
        ("09", 8),
        ("zz", 63),
        ("1", 1),
        ("1", 0),
    ] {
        assert_eq!(Number::parse_int(text, base), None, "{text} in base {base}");
    }
}

#[test]
fn set_hash_text_has_ten_digits() {
    for (text, hash) in [
        ("0", "0"),
        ("-0", "-0"),
        ("10", "10"),
        ("100", "100"),
        ("1.5", "1.5"),
        ("-1.5", "-1.5"),
        ("9999999999", "9999999999"),
        ("10000000000", "1e+10"),
        ("12345678901", "1.23456789e+10"),
        ("99999999999", "1e+11"),
        ("1234567890.5", "1234567890"),
        ("0.0001", "0.0001"),
        ("0.00001", "1e-05"),
        ("0.000012345", "1.2345e-05"),
        ("1e100", "1e+100"),
        ("0.33333333333333", "0.3333333333"),
    ] {
        assert_eq!(number(text).set_hash_text(), hash, "{text}");
    }
}

#[test]
fn whole_numbers_convert_exactly_or_not_at_all() {
    assert_eq!(number("9223372036854775807").as_i64(), Some(i64::MAX));
    assert_eq!(number("9223372036854775808").as_i64(), None);
    assert_eq!(number("1.0").as_i64(), Some(1));
    assert_eq!(number("1.5").as_i64(), None);
    assert_eq!(number("-1").as_usize(), None);
    assert_eq!(Number::from(u64::MAX).as_usize(), usize::try_from(u64::MAX).ok());
    assert_eq!(number("18446744073709551616").as_usize(), None);
    assert_eq!(Number::from(u64::MAX).to_string(), u64::MAX.to_string());
}

#[test]
fn doubles_convert_to_the_nearest() {
    assert_eq!(number("1e400").to_f64(), f64::INFINITY);
    assert_eq!(number("-1e400").to_f64(), f64::NEG_INFINITY);
    assert_eq!(number("1e-400").to_f64(), 0.0);
    assert_eq!(number("5e-324").to_f64(), f64::from_bits(1));
    assert_eq!(number("9007199254740993").to_f64(), 9007199254740992.0);
    assert_eq!(double(f64::from_bits(1)).to_f64(), f64::from_bits(1));
}

#[test]
fn json_keeps_all_digits_and_drops_the_sign_of_zero() {
    let json = |number: &Number| serde_json::to_string(number).expect("a number serializes");
    assert_eq!(json(&number("123456789012345678901234567890.5")), "123456789012345678901234567890.5");
    assert_eq!(json(&number("1e21")), "1000000000000000000000");
    assert_eq!(json(&number("-0")), "0");
    assert_eq!(json(&number("1.4142135623730951454746218587388284504413604736328125")), "1.4142135623730951");
    assert_eq!(json(&double(2_f64.powi(62))), "4611686018427388000");
    assert_eq!(number("-0").to_json_string().as_deref(), Some("-0"));
    let read: Number = serde_json::from_str("1e-7").expect("a number");
    assert_eq!(read, number("0.0000001"));
    assert!(serde_json::from_str::<Number>("1e999999999").is_err());
}

#[test]
fn power_of_doubles_covers_the_edges() {
    for (base, exponent, power) in [
        (1.1, 10.0, 2.593742460100002),
        (-2.0, 3.0, -8.0),
        (-2.0, -3.0, -0.125),
        (0.0, 0.0, 1.0),
        (2.0, -1074.0, f64::from_bits(1)),
        (2.0, 1023.0, 2_f64.powi(1023)),
        (0.5, 2000.0, 0.0),
        (4.0, 0.5, 2.0),
        (4.0, -0.5, 0.5),
        (f64::from_bits(1), 1.0, f64::from_bits(1)),
        (f64::from_bits(1), -0.5, 2_f64.powi(537)),
        (-1.0, 1e300, 1.0),
        (-1.0, f64::INFINITY, 1.0),
        (0.5, f64::INFINITY, 0.0),
        (0.0, f64::INFINITY, 0.0),
        (f64::INFINITY, 0.0, 1.0),
        (f64::NEG_INFINITY, -3.0, 0.0),
    ] {
        let result = double(base).pow(&double(exponent)).expect("finite").to_f64();
        assert!((result - power).abs() <= power.abs() * 1e-15, "{base}^{exponent} is {result}");
    }
    for (base, exponent, power) in [
        ("10", "400", "+Inf"),
        ("0", "-1", "+Inf"),
        ("-0", "-1", "-Inf"),
        ("-Inf", "3", "-Inf"),
        ("-Inf", "0.5", "+Inf"),
    ] {
        assert_eq!(number(base).pow(&number(exponent)).expect(base).to_string(), power, "{base}^{exponent}");
    }
    assert_eq!(number("-8").pow(&number("0.5")), Err(ArithmeticError::NotReal));
    assert_eq!(number("-8").pow(&number("0.3")), Err(ArithmeticError::NotReal));
    assert_eq!(number("1e400").pow(&number("2")), Err(ArithmeticError::BeyondDoubles));
}

#[test]
fn logarithms_have_poles() {
    for (value, base, logarithm) in [
        ("0", "2", "-Inf"),
        ("8", "1", "+Inf"),
        ("0.5", "1", "-Inf"),
        ("8", "0", "-0"),
        ("8", "Inf", "0"),
        ("Inf", "0.5", "-Inf"),
    ] {
        assert_eq!(number(value).log(&number(base)).expect(value).to_string(), logarithm, "log({value}, {base})");
    }
    for (value, base) in [("8", "-1"), ("-8", "2"), ("1", "1"), ("0", "0"), ("Inf", "Inf")] {
        assert_eq!(number(value).log(&number(base)), Err(ArithmeticError::NotReal), "log({value}, {base})");
    }
    assert_eq!(number("8").log(&number("1e400")), Err(ArithmeticError::BeyondDoubles));
}

/// A fraction of integers, the denominator positive.
#[derive(Clone, Debug)]
struct Fraction {
    numerator: IBig,
    denominator: UBig,
}

impl Fraction {
    fn of(number: &Number) -> Self {
        let binary = number.binary();
        if binary.exponent >= 0 {
            Self { numerator: binary.significand << shift(binary.exponent), denominator: UBig::ONE }
        } else {
            Self { numerator: binary.significand, denominator: UBig::ONE << shift(-binary.exponent) }
        }
    }

    /// Whether `result` is the nearest number of `precision` bits, and the even one of two.
    fn rounds_to(&self, result: &Number, precision: u32) -> bool {
        let got = Self::of(result);
        if self.numerator.is_zero() {
            return got.numerator.is_zero();
        }
        let binary = result.binary();
        let bits = binary.significand.bit_len();
        if bits > precision as usize {
            return false;
        }
        // |exact - got| against half a unit of the last place, all multiplied by both denominators and two.
        let spare = precision as usize - bits;
        let error = (&self.numerator * IBig::from(got.denominator.clone())
            - &got.numerator * IBig::from(self.denominator.clone()))
        .unsigned_abs()
            * UBig::from(2_u8);
        let unit = binary.exponent - spare as i64;
        let (unit_up, unit_down) = (unit.max(0), (-unit).max(0));
        let error = error << shift(unit_down);
        let tolerance = (&self.denominator * &got.denominator) << shift(unit_up);
        error < tolerance || error == tolerance && spare > 0
    }
}

fn any_number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        (-20_i64..20).prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        any::<f64>().prop_filter_map("finite", Number::from_f64),
        (-1000_i64..1000, -12_i32..12).prop_map(|(mantissa, exponent)| number(&format!("{mantissa}e{exponent}"))),
        ("[+-]?[0-9]{1,170}(\\.[0-9]{0,170})?", -40_i32..40)
            .prop_map(|(mantissa, exponent)| number(&format!("{mantissa}e{exponent}"))),
        "[0-9a-z]{1,120}".prop_map(|text| Number::parse_int(&text, 36).expect("an integer")),
    ]
}

proptest! {
    #[test]
    fn parsing_rounds_the_exact_decimal_once(whole in "[0-9]{1,200}", fraction in "[0-9]{0,200}") {
        let parsed = number(&format!("{whole}.{fraction}"));
        let exact = Fraction {
            numerator: format!("{whole}{fraction}").parse().expect("digits"),
            denominator: UBig::from(10_u8).pow(fraction.len()),
        };
        prop_assert!(exact.rounds_to(&parsed, 512));
    }

    #[test]
    fn sum_and_quotient_round_the_exact_fraction_once(left in any_number(), right in any_number()) {
        let precision = left.precision().max(right.precision());
        let (a, b) = (Fraction::of(&left), Fraction::of(&right));
        let sum = Fraction {
            numerator: &a.numerator * IBig::from(b.denominator.clone()) + &b.numerator * IBig::from(a.denominator.clone()),
            denominator: &a.denominator * &b.denominator,
        };
        prop_assert!(sum.rounds_to(&left.add(&right).expect("in range"), precision));
        if !right.is_zero() {
            let quotient = Fraction {
                numerator: &a.numerator * IBig::from(b.denominator.clone()) * b.numerator.signum(),
                denominator: &a.denominator * b.numerator.clone().unsigned_abs(),
            };
            prop_assert!(quotient.rounds_to(&left.div(&right).expect("in range"), precision));
        }
    }

    #[test]
    fn product_rounds_the_exact_fraction_to_512_bits(left in any_number(), right in any_number()) {
        let (a, b) = (Fraction::of(&left), Fraction::of(&right));
        let product = Fraction { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator };
        prop_assert!(product.rounds_to(&left.mul(&right).expect("in range"), 512));
    }

    #[test]
    fn text_at_512_bits_reads_back_as_the_same_number(value in any_number()) {
        let literal = value.with_rounding(512).expect("in range");
        prop_assert_eq!(Number::parse(&literal.to_string()), Some(literal));
    }

    #[test]
    fn doubles_survive_a_round_trip(value in any::<f64>().prop_filter("finite", |value| value.is_finite())) {
        prop_assert_eq!(double(value).to_f64().to_bits(), value.to_bits());
        prop_assert_eq!(double(value).to_string().parse::<f64>(), Ok(value));
        prop_assert_eq!(number(&format!("{value:e}")).to_f64(), value);
    }

    #[test]
    fn order_is_that_of_the_exact_fractions(left in any_number(), right in any_number()) {
        let (a, b) = (Fraction::of(&left), Fraction::of(&right));
        let exact = (&a.numerator * IBig::from(b.denominator.clone())).cmp(&(&b.numerator * IBig::from(a.denominator.clone())));
        prop_assert_eq!(left.cmp(&right), exact);
        prop_assert_eq!(left == right, exact.is_eq());
        prop_assert_eq!(left.clone(), left.with_precision(left.precision().max(512)));
    }

    #[test]
    fn any_text_parses_or_is_refused_without_a_panic(text in "[-+.0-9eEpPxInf_ ]{0,12}") {
        if let Some(parsed) = Number::parse(&text) {
            prop_assert_eq!(parsed.clone(), parsed.neg().neg());
        }
    }
}
