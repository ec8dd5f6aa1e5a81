//! Which cases are played.

use super::case::{Case, SubjectRole};
use crate::node::Network;

/// What whoever asks wants to know.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only those of this network.
    pub network: Option<Network>,
    /// Only ids that one of these matches, where there are any.
    pub matching: Vec<String>,
    /// No ids that one of these matches.
    pub skipping: Vec<String>,
    /// What the subject is; those that are about something else are left out.
    pub role: Option<SubjectRole>,
    /// Those that take minutes too.
    pub takes_slow_ones: bool,
}

impl Selection {
    /// Whether a case is played.
    pub fn takes(&self, case: &Case) -> bool {
        let is_named =
            |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, &case.id));
        self.network.is_none_or(|network| network == case.network)
            && (self.matching.is_empty() || is_named(&self.matching))
            && !is_named(&self.skipping)
            && (self.role.is_none() || case.role.is_none() || self.role == case.role)
            && (self.takes_slow_ones || !case.is_slow)
    }
}

/// Whether an id is what a pattern says: `*` stands for any letters, `?` for one.
fn matches(pattern: &str, id: &str) -> bool {
    match pattern.chars().next() {
        None => id.is_empty(),
        Some('*') => {
            let rest = pattern.get(1..).unwrap_or("");
            let mut places = id.char_indices().map(|(at, _)| at).chain([id.len()]);
            places.any(|at| id.get(at..).is_some_and(|behind| matches(rest, behind)))
        }
        Some(wanted) => match id.chars().next() {
            Some(letter) if wanted == '?' || wanted == letter => {
                let rest = |text: &str, len: usize| text.get(len..).unwrap_or("").to_owned();
                matches(&rest(pattern, wanted.len_utf8()), &rest(id, letter.len_utf8()))
            }
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for pattern in ["ttl/one", "ttl/*", "*one", "*", "t?l/*e", "**"] {
            assert!(matches(pattern, "ttl/one"), "{pattern}");
        }
        for pattern in ["ttl", "ttl/", "one", "*two", "?", ""] {
            assert!(!matches(pattern, "ttl/one"), "{pattern}");
        }
    }
}
