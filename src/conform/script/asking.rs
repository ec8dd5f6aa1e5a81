//! What the user of the subject is said to do.

use super::expression::Expression;
use super::step::What;
use super::words::Word;
use super::{NotUnderstood, Wish};

/// The subject, where the name of a probe stands else.
pub(super) const SUBJECT: &str = "subject";

/// What stands behind `subject`.
pub(super) fn read(rest: &[Word]) -> Result<What, NotUnderstood> {
    match rest {
        [verb, what] if verb.text == "searches" => asks(Wish::Search, what),
        [verb, what] if verb.text == "fetches" => asks(Wish::Fetch, what),
        _ => Err(NotUnderstood::new("subject searches \"words\", or subject fetches \"magnet:?…\"")),
    }
}

fn asks(wish: Wish, what: &Word) -> Result<What, NotUnderstood> {
    Ok(What::Ask { wish, what: Expression::read(&what.text, what.quoted_at == Some(0))? })
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use serde_json::json;

    #[test]
    fn a_user_searches_and_fetches() {
        let steps = read("subject searches \"nine lives\"\nsubject fetches \"magnet:?xs={@l}\"");
        let steps: Vec<_> = steps.unwrap().into_iter().map(|step| step.what).collect();
        let what = Expression::Given(json!("nine lives"));
        assert_eq!(steps[0], What::Ask { wish: Wish::Search, what });
        let what = Expression::Filled("magnet:?xs={@l}".to_owned());
        assert_eq!(steps[1], What::Ask { wish: Wish::Fetch, what });
    }

    #[test]
    fn the_subject_is_no_probe() {
        for script in ["subject searches", "subject gets ping", "udp subject", "leaf subject"] {
            assert!(read(script).is_err(), "{script}");
        }
    }
}
