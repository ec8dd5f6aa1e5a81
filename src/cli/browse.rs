use clap::Args;

use super::Exit;
use super::asking::{self, Node};
use super::search::{self, Asked, Wanted};
use crate::runtime::settings::Endpoint;

/// What `filbert browse` is told.
#[derive(Debug, Args)]
#[command(after_help = "\
Files are printed as the host names them; how many there are, and how the list ended, is said on standard \
error. The exit code is 1 when it named none. 'filbert get' takes what stands below HIT.")]
pub struct Arguments {
    /// The host that is asked what it shares
    #[arg(value_name = "HOST[:PORT]")]
    host: Endpoint,

    #[command(flatten)]
    node: Node,

    #[command(flatten)]
    wanted: Wanted,
}

/// Has the node ask a host what it shares, and prints that.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let host = arguments.host.to_string();
    asking::ask_to_the_end(&arguments.node, async |client, mut interrupts| {
        let started = tokio::select! {
            started = client.browse(&host) => started?,
            () = interrupts.next() => return Ok(Exit::Interrupted),
        };
        search::show(client, &started, &arguments.wanted, Asked::Host, &mut interrupts).await
    })
}
