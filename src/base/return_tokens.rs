//! Proofs that somebody gets what is sent to its address.
//!
//! Whoever forges the sender of a datagram does not see the answer. So a few bytes are sent there, and
//! whoever brings them back is where it says.

#![expect(deprecated, reason = "SipHash-2-4 with keys of ours is what is wanted, for good")]

use std::fmt;
use std::hash::{Hasher, SipHasher};
use std::net::SocketAddr;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::addresses::octets;
use super::time::Time;

/// Bytes of a token.
pub const RETURN_TOKEN_LEN: usize = 4;

/// A token: a checksum that only its maker can make.
pub type ReturnToken = [u8; RETURN_TOKEN_LEN];

/// Makes tokens, and knows them again, without remembering any.
///
/// The secret changes every now and then. The one before counts too, so that a token holds for at least
/// one such time, and for two at most.
#[derive(Clone)]
pub struct ReturnTokens {
    /// The one in use, and the one before.
    secrets: [Secret; 2],
    renewed: Time,
    life_ms: u64,
}

type Secret = [u64; 2];

impl ReturnTokens {
    /// With secrets from the generator of the node, which change after so long.
    pub fn new(life_ms: u64, rng: &mut ChaCha8Rng, now: Time) -> Self {
        Self { secrets: [rng.random(), rng.random()], renewed: now, life_ms }
    }

    /// The token for an address. What else is told with it must be the same when it comes back.
    pub fn token(
        &mut self,
        of: SocketAddr,
        what: &[u8],
        rng: &mut ChaCha8Rng,
        now: Time,
    ) -> ReturnToken {
        self.renew(rng, now);
        let [current, _] = self.secrets;
        token(current, of, what)
    }

    /// Whether a token is one of ours for this address.
    pub fn is_right(
        &mut self,
        of: SocketAddr,
        what: &[u8],
        told: &[u8],
        rng: &mut ChaCha8Rng,
        now: Time,
    ) -> bool {
        self.renew(rng, now);
        self.secrets.iter().any(|secret| token(*secret, of, what) == *told)
    }

    fn renew(&mut self, rng: &mut ChaCha8Rng, now: Time) {
        if now < self.renewed.after_ms(self.life_ms) {
            return;
        }
        let [current, _] = self.secrets;
        let is_long_ago = now >= self.renewed.after_ms(self.life_ms).after_ms(self.life_ms);
        let before = if is_long_ago { rng.random() } else { current };
        self.secrets = [rng.random(), before];
        self.renewed = now;
    }
}

fn token(secret: Secret, of: SocketAddr, what: &[u8]) -> ReturnToken {
    let [low, high] = secret;
    let mut hasher = SipHasher::new_with_keys(low, high);
    hasher.write(&octets(of.ip().to_canonical()));
    hasher.write(&of.port().to_be_bytes());
    hasher.write(what);
    let [token @ .., _, _, _, _] = hasher.finish().to_be_bytes();
    token
}

impl fmt::Debug for ReturnTokens {
    /// The secrets stay some.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReturnTokens")
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    const LIFE_MS: u64 = 60_000;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_token_holds_for_one_address_and_one_thing() {
        let (mut rng, now) = (ChaCha8Rng::seed_from_u64(1), Time::ZERO);
        let mut tokens = ReturnTokens::new(LIFE_MS, &mut rng, now);
        let here = at("5.5.5.5:6346");
        let token = tokens.token(here, b"x", &mut rng, now);
        for (of, what, told, is_right) in [
            ("5.5.5.5:6346", &b"x"[..], &token[..], true),
            ("[::ffff:5.5.5.5]:6346", b"x", &token, true),
            ("5.5.5.5:6347", b"x", &token, false),
            ("5.5.5.6:6346", b"x", &token, false),
            ("5.5.5.5:6346", b"y", &token, false),
            ("5.5.5.5:6346", b"x", &token[..3], false),
            ("5.5.5.5:6346", b"x", b"", false),
        ] {
            let found = tokens.is_right(at(of), what, told, &mut rng, now);
            assert_eq!(found, is_right, "{of} {what:?} {told:?}");
        }
        let mut others = ReturnTokens::new(LIFE_MS, &mut rng, now);
        assert!(!others.is_right(here, b"x", &token, &mut rng, now));
    }

    #[test]
    fn a_token_holds_until_the_secret_has_changed_twice() {
        let here = at("5.5.5.5:6346");
        let holds_after = |waits_ms: &[u64]| {
            let (mut rng, mut now) = (ChaCha8Rng::seed_from_u64(1), Time::ZERO);
            let mut tokens = ReturnTokens::new(LIFE_MS, &mut rng, now);
            let token = tokens.token(here, b"", &mut rng, now);
            waits_ms.iter().fold(false, |_, wait_ms| {
                now = now.after_ms(*wait_ms);
                tokens.is_right(here, b"", &token, &mut rng, now)
            })
        };
        assert!(holds_after(&[LIFE_MS - 1]) && holds_after(&[LIFE_MS]));
        assert!(holds_after(&[LIFE_MS, LIFE_MS - 1]) && !holds_after(&[LIFE_MS, LIFE_MS]));
        assert!(holds_after(&[2 * LIFE_MS - 1]) && !holds_after(&[2 * LIFE_MS]));
    }
}
