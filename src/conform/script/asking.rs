//! What the user of the subject is said to do.

use super::expression::Expression;
use super::step::What;
use super::words::Word;
use super::{Condition, NotUnderstood, Wish, parse};

/// The subject, where the name of a probe stands else.
pub(super) const SUBJECT: &str = "subject";

/// What stands behind `subject`.
pub(super) fn read(rest: &[Word]) -> Result<What, NotUnderstood> {
    let (rest, ends) = parse::take_ends(rest)?;
    match rest {
        [verb, conditions @ ..] if verb.text == "has" && !conditions.is_empty() => Ok(What::Has {
            conditions: read_all(conditions)?,
            within: ends.within,
            otherwise: ends.otherwise,
            name: ends.name,
        }),
        [never, verb, conditions @ ..]
            if never.text == "never" && verb.text == "has" && !conditions.is_empty() =>
        {
            Ok(What::NeverHas { conditions: read_all(conditions)?, during: ends.during })
        }
        [verb, what] if verb.text == "searches" => asks(Wish::Search, what),
        [verb, what] if verb.text == "fetches" => asks(Wish::Fetch, what),
        _ => Err(NotUnderstood::new(
            "subject searches \"words\", fetches \"magnet:?…\", has CONDITIONS or never has CONDITIONS",
        )),
    }
}

fn read_all(conditions: &[Word]) -> Result<Vec<Condition>, NotUnderstood> {
    conditions.iter().map(Condition::read).collect()
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
