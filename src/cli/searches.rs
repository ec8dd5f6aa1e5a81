use std::io::{self, Write};

use clap::Args;

use super::asking::{self, Node};
use super::search::{Printer, Shown};
use super::table::{Column, Table};
use super::units::Roughly;
use super::{Exit, columns, complain, printable};
use crate::control::client::Client;
use crate::control::model::{Search, SearchId, SearchState};

/// What `filbert searches` is told.
#[derive(Debug, Args)]
#[command(after_help = "\
The node keeps the hits of a search for half an hour after its end. 'filbert get SEARCH:HIT' fetches one.")]
pub struct Arguments {
    /// Print the hits of this search again
    #[arg(value_name = "SEARCH")]
    search: Option<u64>,

    #[command(flatten)]
    node: Node,

    #[command(flatten)]
    shown: Shown,
}

/// Prints which searches the node makes or keeps, or what one of them has found.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    asking::ask(&arguments.node, async |client| match arguments.search {
        Some(search) => print_hits(client, SearchId(search), &arguments.shown).await,
        None => {
            let searches = client.searches().await?;
            asking::print(arguments.shown.is_json(), &searches, |out| {
                write(&searches, out, columns::of_output())
            })
        }
    })
}

async fn print_hits(client: &Client, search: SearchId, shown: &Shown) -> anyhow::Result<Exit> {
    let mut printer = Printer::new(shown, None);
    loop {
        let hits = client.hits(search, printer.next()).await?;
        if hits.is_empty() {
            break;
        }
        for hit in hits {
            printer.print(&hit)?;
        }
    }
    complain(&printer.summary());
    Ok(if printer.count() == 0 { Exit::Failed } else { Exit::Success })
}

fn write(searches: &[Search], out: &mut impl Write, columns: Option<usize>) -> io::Result<()> {
    if searches.is_empty() {
        return writeln!(out, "no searches");
    }
    let mut table = Table::new([
        Column::number("SEARCH"),
        Column::text("WORDS").shortened_to(12),
        Column::number("HITS"),
        Column::number("AGE"),
        Column::text("STATE"),
    ]);
    searches.iter().for_each(|search| table.add(cells(search)));
    table.write(out, columns)
}

fn cells(search: &Search) -> [String; 5] {
    [
        search.id.to_string(),
        printable::text(&search.words),
        search.hits_kept.to_string(),
        Roughly(search.age_s).to_string(),
        match search.state {
            SearchState::Running => "running".to_owned(),
            SearchState::Ended => "ended".to_owned(),
        },
    ]
}
