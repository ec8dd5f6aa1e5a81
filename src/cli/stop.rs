use std::io::Write;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::Exit;
use super::asking::{self, Node};
use super::units::Span;

/// What `filbert stop` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    node: Node,

    /// Wait so many seconds until the node is gone; 0 does not wait
    #[arg(short, long, value_name = "S", default_value_t = 15)]
    wait: u64,

    /// Print one JSON object
    #[arg(short, long)]
    json: bool,
}

/// Has the node say goodbye and end.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    asking::ask(&arguments.node, async |client| {
        client.stop().await?;
        let wait = Duration::from_secs(arguments.wait);
        let is_gone = arguments.wait > 0 && client.wait_until_gone(wait).await;
        let has = if is_gone { "has ended" } else { "is ending" };
        let answer = json!({ "gone": is_gone });
        let exit = asking::print(arguments.json, &answer, |out| writeln!(out, "the node {has}"))?;
        if !is_gone && arguments.wait > 0 {
            let wait = Span(arguments.wait);
            return Err(Exit::Failed.because(format!("the node has not ended within {wait}")));
        }
        Ok(exit)
    })
}
