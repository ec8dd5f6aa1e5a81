//! The words of a line -> what it does.

use std::time::Duration;

use super::condition::Condition;
use super::expression::Expression;
use super::opening;
use super::step::{Field, Message, Pattern, What};
use super::words::Word;
use super::{NotUnderstood, Verdict, asking};

/// Times that one line may send something.
const TIMES_MAX: u32 = 100_000;

/// Nothing for an empty line.
pub(super) fn step(words: &[Word]) -> Result<Option<What>, NotUnderstood> {
    let [first, rest @ ..] = words else { return Ok(None) };
    if let Some(opens) = opening::read(&first.text, rest)? {
        return Ok(Some(opens));
    }
    let what = match first.text.as_str() {
        "pause" => Ok(What::Pause(duration(&only(rest)?)?)),
        "check" => check(rest),
        asking::SUBJECT => asking::read(rest),
        probe => acts(probe, rest),
    };
    what.map(Some)
}

/// The name of a probe, and nothing behind it.
fn only(rest: &[Word]) -> Result<String, NotUnderstood> {
    match rest {
        [name] => Ok(name.text.clone()),
        _ => Err(NotUnderstood::new("one word stands here")),
    }
}

fn check(rest: &[Word]) -> Result<What, NotUnderstood> {
    let [message, conditions @ ..] = rest else {
        return Err(NotUnderstood::new("what is to be checked?"));
    };
    let message = message
        .text
        .strip_prefix('$')
        .ok_or_else(|| NotUnderstood::new("a check names a message first: $message"))?;
    let conditions = conditions.iter().map(Condition::read).collect::<Result<_, _>>()?;
    Ok(What::Check { message: message.to_owned(), conditions })
}

fn acts(probe: &str, rest: &[Word]) -> Result<What, NotUnderstood> {
    let probe = probe.to_owned();
    let (rest, ends) = take_ends(rest)?;
    let words: Vec<&str> = rest.iter().map(|word| word.text.as_str()).collect();
    match (words.as_slice(), rest) {
        (["sends", ..], [_, kind, fields @ ..]) => {
            let message = message(kind, fields)?;
            Ok(What::Send { probe, message, times: ends.times.unwrap_or(1), name: ends.name })
        }
        (["gets", ..], [_, kind, conditions @ ..]) => Ok(What::Get {
            probe,
            pattern: pattern(kind, conditions)?,
            times: ends.times.unwrap_or(1),
            within: ends.within,
            otherwise: ends.otherwise,
            name: ends.name,
        }),
        (["never", "gets", ..], [_, _, kind, conditions @ ..]) => {
            Ok(What::Never { probe, pattern: pattern(kind, conditions)?, during: ends.during })
        }
        (["is", "closed"], _) => {
            Ok(What::Closed { probe, within: ends.within, otherwise: ends.otherwise })
        }
        (["is", "called"], _) => {
            Ok(What::Called { probe, within: ends.within, otherwise: ends.otherwise })
        }
        (["stays", "open"], _) => Ok(What::StaysOpen { probe, during: ends.during }),
        (["closes"], _) => Ok(What::Close { probe }),
        _ => Err(NotUnderstood::new(
            "sends, gets, never gets, is closed, is called, stays open or closes",
        )),
    }
}

fn message(kind: &Word, words: &[Word]) -> Result<Message, NotUnderstood> {
    let (mut texts, mut fields) = (Vec::new(), Vec::new());
    for word in words {
        let unquoted = word.text.get(..word.quoted_at.unwrap_or(word.text.len())).unwrap_or("");
        match unquoted.find('=') {
            Some(at) => {
                let (name, value) = word.text.split_at(at);
                let value = value.get(1..).unwrap_or("");
                let is_quoted = word.quoted_at == Some(at.saturating_add(1));
                let value = Expression::read(value, is_quoted)?;
                fields.push(Field { name: name.to_owned(), value });
            }
            None => texts.push(word.text.clone()),
        }
    }
    Ok(Message { kind: kind.text.clone(), texts, fields })
}

fn pattern(kind: &Word, words: &[Word]) -> Result<Pattern, NotUnderstood> {
    let conditions = words.iter().map(Condition::read).collect::<Result<_, _>>()?;
    Ok(Pattern { kind: kind.text.clone(), conditions })
}

/// What may stand at the end of a line.
#[derive(Default)]
pub(super) struct Ends {
    pub(super) name: Option<String>,
    pub(super) within: Option<Duration>,
    pub(super) during: Option<Duration>,
    times: Option<u32>,
    pub(super) otherwise: Option<Verdict>,
}

pub(super) fn take_ends(mut words: &[Word]) -> Result<(&[Word], Ends), NotUnderstood> {
    let mut ends = Ends::default();
    loop {
        if let [before @ .., mark, name] = words
            && mark.text == "as"
        {
            ends.name = Some(name.text.clone());
            words = before;
            continue;
        }
        let Some((last, before)) = words.split_last() else { return Ok((words, ends)) };
        let Some((key, value)) = last.text.split_once('=') else { return Ok((words, ends)) };
        match key {
            "within" => ends.within = Some(duration(value)?),
            "for" => ends.during = Some(duration(value)?),
            "times" => ends.times = Some(times(value)?),
            "else" => ends.otherwise = Some(verdict(value)?),
            _ => return Ok((words, ends)),
        }
        words = before;
    }
}

fn times(text: &str) -> Result<u32, NotUnderstood> {
    text.parse()
        .ok()
        .filter(|times| *times <= TIMES_MAX)
        .ok_or_else(|| NotUnderstood::new(format!("times={text}: a number up to {TIMES_MAX}")))
}

fn verdict(text: &str) -> Result<Verdict, NotUnderstood> {
    Verdict::ALL
        .into_iter()
        .find(|verdict| verdict.as_str() == text)
        .ok_or_else(|| NotUnderstood::new(format!("{text} is no verdict")))
}

/// `500ms`, `3s` or `2min`.
fn duration(text: &str) -> Result<Duration, NotUnderstood> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 =
        number.parse().map_err(|_| NotUnderstood::new(format!("{text} is no duration: 3s")))?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        "min" => Ok(Duration::from_secs(number.saturating_mul(60))),
        _ => Err(NotUnderstood::new(format!("{text} is no duration: 500ms, 3s or 2min"))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::step::Open;
    use super::super::words::split;
    use super::*;

    fn read(line: &str) -> Result<Option<What>, NotUnderstood> {
        step(&split(line).unwrap())
    }

    #[test]
    fn lines_say_what_they_do() {
        assert_eq!(read("").unwrap(), None);
        assert_eq!(
            read("udp u").unwrap(),
            Some(What::Open { probe: "u".to_owned(), how: Open::Udp, at: None })
        );
        let Some(What::Get { pattern, within, otherwise, name, .. }) =
            read("b gets query guid=$q.guid ttl=2 as seen within=3s else=unimplemented").unwrap()
        else {
            panic!("it gets something")
        };
        assert_eq!((pattern.kind.as_str(), pattern.conditions.len()), ("query", 2));
        assert_eq!(within, Some(Duration::from_secs(3)));
        assert_eq!((otherwise, name.as_deref()), (Some(Verdict::Unimplemented), Some("seen")));
        let Some(What::Send { message, times, .. }) =
            read(r#"a sends head "A" "B: 1" x="y=z" times=3"#).unwrap()
        else {
            panic!("it sends something")
        };
        assert_eq!(
            (message.texts, message.fields.len(), times),
            (vec!["A".into(), "B: 1".into()], 1, 3)
        );
        assert_eq!(read("pause 500ms").unwrap(), Some(What::Pause(Duration::from_millis(500))));
    }

    #[test]
    fn what_says_nothing_is_refused() {
        for line in [
            "pause",
            "pause 5",
            "pause s",
            "a",
            "a does",
            "a gets",
            "check",
            "check q",
            "a is closed else=good",
            "a sends ping times=many",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
