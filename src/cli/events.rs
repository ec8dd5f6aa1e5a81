use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use anstyle::Style;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::Value;

use super::asking::{self, Node};
use super::columns::fit;
use super::{Exit, columns, complain, printable};
use crate::control::client::{Client, Seen};
use crate::control::model::Happening;

/// What `filbert events` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    node: Node,

    /// Print only these kinds, separated by commas
    #[arg(short, long, value_name = "KINDS", value_delimiter = ',', value_parser = kinds())]
    kinds: Vec<String>,

    /// Print one JSON object a line
    #[arg(short, long)]
    json: bool,
}

const QUIET: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();

/// Prints what happens at the node, until it ends.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    asking::ask(&arguments.node, async |client| {
        tokio::select! {
            result = watch(client, arguments) => result,
            () = asking::unread() => Ok(Exit::Success),
        }
    })
}

async fn watch(client: &Client, arguments: &Arguments) -> anyhow::Result<Exit> {
    let kinds: Vec<_> = arguments.kinds.iter().map(String::as_str).collect();
    let mut watch = client.events(&kinds).await?;
    let columns = columns::of_output();
    while let Some(seen) = watch.next().await? {
        let mut out = anstream::stdout().lock();
        match arguments.json {
            true => writeln!(out, "{}", printable::json(&seen.value)?)?,
            false => write(&mut out, &seen, columns)?,
        }
        out.flush()?;
    }
    complain("the node has ended");
    Ok(Exit::Success)
}

/// A line: the time of day in UTC, the kind, and what is said of it.
fn write(out: &mut impl Write, seen: &Seen, columns: Option<usize>) -> io::Result<()> {
    const KIND_WIDTH: usize = 18;
    let time = time_of_day(SystemTime::now());
    let kind = printable::text(&seen.kind);
    let room = columns.map(|columns| columns.saturating_sub(time.len() + KIND_WIDTH + 2));
    let said = fit(&said(&seen.value), room.unwrap_or(usize::MAX));
    let line = format!("{QUIET}{time}{QUIET:#} {STRONG}{kind:<KIND_WIDTH$}{STRONG:#} {said}");
    writeln!(out, "{}", line.trim_end())
}

/// The fields of an event: `name value`, with commas between.
fn said(value: &Value) -> String {
    let fields = value.as_object().into_iter().flatten();
    let fields = fields.filter(|(name, value)| *name != "event" && !value.is_null());
    let fields = fields.map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        printable::text(&format!("{name} {value}"))
    });
    fields.collect::<Vec<_>>().join(", ")
}

fn time_of_day(now: SystemTime) -> String {
    let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{hour:02}:{minute:02}:{second:02}Z")
}

fn kinds() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(Happening::NAMES)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_says_its_fields_in_their_order_without_what_is_not_known() {
        let value = json!({ "event": "hit", "name": "a\u{1b}b", "size": 7, "sha1": null });
        assert_eq!(said(&value), "name a\u{fffd}b, size 7");
        assert_eq!(said(&json!("x")), "");
    }

    #[test]
    fn the_day_has_its_hours() {
        let time = |seconds| time_of_day(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(time(86_400 + 3_723), "01:02:03Z");
    }
}
