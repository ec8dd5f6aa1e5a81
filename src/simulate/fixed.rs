//! Logarithms and powers in integers, the same on every machine: the functions of floats may differ
//! in their last digit, and a simulation with them.

/// One, in numbers with 32 binary places.
pub(crate) const ONE: u64 = 1 << 32;

/// The natural logarithm of two.
pub(crate) const LN_2: u64 = 2_977_044_472;

const PLACES: u32 = 32;

/// The binary logarithm of a whole number, with 32 binary places. That of zero is taken as zero.
pub(crate) fn log2(whole: u64) -> u64 {
    let Some(integer) = whole.checked_ilog2() else { return 0 };
    // From one to below two, with 63 places.
    let mut mantissa = u128::from(whole << 63_u32.saturating_sub(integer));
    let mut result = u64::from(integer);
    for _ in 0..PLACES {
        mantissa = mantissa.saturating_mul(mantissa) >> 63;
        let bit = mantissa >> 64;
        mantissa >>= bit;
        result = result << 1 | u64::from(bit != 0);
    }
    result
}

/// Two to the power of minus `exponent` (32 places), with 62 binary places.
pub(crate) fn exp2_negative(exponent: u64) -> u64 {
    let integer = exponent >> PLACES;
    if integer > 61 {
        return 0;
    }
    let mut result = 1_u128 << 62;
    for (place, factor) in ROOTS.iter().enumerate() {
        if exponent >> (PLACES as usize).saturating_sub(place).saturating_sub(1) & 1 == 1 {
            result = result.saturating_mul(u128::from(*factor)) >> 62;
        }
    }
    u64::try_from(result >> integer).unwrap_or(u64::MAX)
}

/// Two to the power of minus 1/2, minus 1/4, and so on, with 62 binary places.
const ROOTS: [u64; PLACES as usize] = roots();

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::arithmetic_side_effects,
    reason = "made at compile time, where a mistake is an error; a root of less than 2^124 fits"
)]
const fn roots() -> [u64; PLACES as usize] {
    let mut roots = [0; PLACES as usize];
    let (mut power, mut place) = (1_u128 << 61, 0);
    while place < roots.len() {
        power = (power << 62).isqrt();
        roots[place] = power as u64;
        place += 1;
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn float(fixed: u64) -> f64 {
        fixed as f64 / ONE as f64
    }

    #[test]
    fn logarithms_agree_with_those_of_floats() {
        for whole in [1, 2, 3, 10, 255, 256, 1_000_003, u64::from(u32::MAX), u64::MAX] {
            assert!((float(log2(whole)) - (whole as f64).log2()).abs() < 1e-8, "{whole}");
        }
        assert_eq!((log2(0), log2(1), log2(1 << 40)), (0, 0, 40 * ONE));
        assert!((float(LN_2) - std::f64::consts::LN_2).abs() < 1e-9);
    }

    #[test]
    fn powers_agree_with_those_of_floats() {
        for hundredths in [0, 25, 50, 100, 170, 330, 2_001, 6_190_u64] {
            let power = exp2_negative(hundredths * ONE / 100) as f64 / (1_u64 << 62) as f64;
            let expected = (-(hundredths as f64) / 100.0).exp2();
            assert!((power - expected).abs() <= expected * 1e-8 + 1e-18, "{hundredths}: {power}");
        }
        assert_eq!((exp2_negative(0), exp2_negative(62 * ONE)), (1 << 62, 0));
    }
}
