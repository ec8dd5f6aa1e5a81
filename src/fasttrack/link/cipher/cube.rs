use std::sync::LazyLock;

/// Bytes of a number.
pub(super) const NUMBER_LEN: usize = 256;

/// Words of a number.
const WORDS: usize = NUMBER_LEN / 8;

/// A number below 2^2048, its lowest word first.
type Number = [u64; WORDS];

/// The third power of a number modulo the modulus, both with their lowest byte first (FTCIPHER-07).
///
/// Products are Montgomery's: with R = 2^2048, that of a and b is a b / R. Two of them make the third
/// power divided by R², and one more with R³ puts that right.
pub fn cube(number: &[u8; NUMBER_LEN]) -> [u8; NUMBER_LEN] {
    let number = words(number);
    let cubed = product(&product(&number, &number), &number);
    bytes(&product(&cubed, &R_CUBED))
}

/// The modulus. Its highest bit is set, and it is odd.
const MODULUS: Number = [
    0x31c4_a05e_eb96_841d,
    0xbf77_b6d6_193b_bd8f,
    0xe569_c5fc_96d7_f927,
    0xba15_19a1_5efa_55ff,
    0xe84b_25f8_1b32_a36f,
    0xc11f_00e3_8d5b_5eb2,
    0xe7ee_26ad_19d2_974d,
    0x91fd_3a9e_bc8c_0457,
    0xe475_aa9e_6e37_192e,
    0x695b_3ca2_72f5_54fc,
    0x69f2_9f9a_f97b_b445,
    0x390a_5a36_b15e_2216,
    0x363d_c15e_2c00_54b3,
    0xe957_a9b5_d238_b5b8,
    0x8781_ab21_0032_a3df,
    0x5250_e6fe_0a77_03d8,
    0x10a9_31f8_b42d_2df0,
    0xc374_1ca7_1e49_70e5,
    0xd61a_7055_8606_342a,
    0x0829_ee6d_18e4_dd48,
    0xe9db_6341_8443_fd05,
    0xa403_7cdb_de3c_6725,
    0xed64_060a_96e5_37a7,
    0x51be_98b0_da2d_7944,
    0xb6a3_1787_315d_5780,
    0xdbd2_6bb0_4d23_ffc1,
    0x71a1_57ac_de7a_a2fe,
    0x0d7a_0050_1928_8512,
    0xdd33_1dd5_522f_69d1,
    0xc6f2_dc0e_96e6_2735,
    0x0a53_2f6a_ae08_473d,
    0xd453_ec0a_34eb_20ca,
];

/// What makes the lowest word of the modulus -1 when multiplied with it, modulo 2^64.
const TO_MINUS_ONE: u64 = {
    let [lowest, ..] = MODULUS;
    // Each round doubles the number of bits that are right, of which there are three at first.
    let mut inverse = lowest;
    let mut round = 0_u32;
    while round < 5 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(lowest.wrapping_mul(inverse)));
        round = round.wrapping_add(1);
    }
    inverse.wrapping_neg()
};

/// R³ modulo the modulus.
static R_CUBED: LazyLock<Number> = LazyLock::new(|| {
    // R itself is less than two moduli.
    let mut power = [0; WORDS];
    subtract_modulus(&mut power);
    // From R to R * 2^64, and from there each square has twice the exponent: R * 2^2048 is R².
    for _ in 0..64 {
        double(&mut power);
    }
    for _ in 0..5 {
        power = product(&power, &power);
    }
    product(&power, &power)
});

/// a b / R modulo the modulus, for a and b below it.
fn product(a: &Number, b: &Number) -> Number {
    let mut sum = [0; WORDS];
    let mut top = 0;
    for &digit in a {
        top = add_multiple(&mut sum, b, digit, top);
        let [lowest, ..] = sum;
        // With this multiple the lowest word is zero, and falls away.
        top = add_multiple(&mut sum, &MODULUS, lowest.wrapping_mul(TO_MINUS_ONE), top);
        sum.rotate_left(1);
        let [.., last] = &mut sum;
        *last = low(top);
        top >>= 64;
    }
    if top > 0 || sum.iter().rev().ge(MODULUS.iter().rev()) {
        subtract_modulus(&mut sum);
    }
    sum
}

/// Adds so many times `number`, and says what stands above the words then.
fn add_multiple(sum: &mut Number, number: &Number, times: u64, top: u128) -> u128 {
    let mut carry = 0;
    for (word, &digit) in sum.iter_mut().zip(number) {
        // No more than 2^128 - 1, even if all three are as large as can be.
        let full = u128::from(digit).wrapping_mul(times.into());
        let full = full.wrapping_add((*word).into()).wrapping_add(carry);
        *word = low(full);
        carry = full >> 64;
    }
    top.wrapping_add(carry)
}

/// Twice the number, modulo the modulus.
fn double(number: &mut Number) {
    let mut carry = 0;
    for word in number.iter_mut() {
        (*word, carry) = (*word << 1 | carry, *word >> 63);
    }
    if carry > 0 || number.iter().rev().ge(MODULUS.iter().rev()) {
        subtract_modulus(number);
    }
}

/// Modulo R.
fn subtract_modulus(number: &mut Number) {
    let mut borrow = false;
    for (word, &digit) in number.iter_mut().zip(&MODULUS) {
        let (difference, is_less) = word.overflowing_sub(digit);
        let (difference, is_short) = difference.overflowing_sub(borrow.into());
        (*word, borrow) = (difference, is_less || is_short);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the high half goes elsewhere")]
const fn low(full: u128) -> u64 {
    full as u64
}

fn words(bytes: &[u8; NUMBER_LEN]) -> Number {
    let mut words = [0; WORDS];
    let (eights, _) = bytes.as_chunks::<8>();
    for (word, eight) in words.iter_mut().zip(eights) {
        *word = u64::from_le_bytes(*eight);
    }
    words
}

fn bytes(words: &Number) -> [u8; NUMBER_LEN] {
    let mut bytes = [0; NUMBER_LEN];
    let (eights, _) = bytes.as_chunks_mut::<8>();
    for (eight, word) in eights.iter_mut().zip(words) {
        *eight = word.to_le_bytes();
    }
    bytes
}
