use std::io::{self, Write};

use clap::Args;

use crate::cli::asking::{self, Node};
use crate::cli::table::{Column, Table};
use crate::cli::units::{Bytes, counted};
use crate::cli::{Exit, columns, printable};
use crate::control::client::Client;
use crate::control::model::{Library, SharedFile};

/// What `filbert library list` is told.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Only files whose names have all of these words
    words: Vec<String>,

    /// Print so many files at most
    #[arg(short, long, value_name = "N")]
    limit: Option<usize>,

    /// Print one magnet link a file
    #[arg(short, long, conflicts_with = "json")]
    magnet: bool,
}

/// All files, as links.
pub(super) fn links(node: &Node) -> anyhow::Result<Exit> {
    list(node, None, usize::MAX, |files, _| {
        asking::print(false, &files, |out| write_links(out, files))
    })
}

/// Files that are asked for at a time.
const PAGE_LEN: usize = 1_000;

pub(super) fn run(node: &Node, arguments: &Arguments, is_json: bool) -> anyhow::Result<Exit> {
    if arguments.magnet && is_json {
        let why = "--magnet and --json cannot be used together; see 'filbert help library'";
        return Err(Exit::Usage.because(why));
    }
    let words = arguments.words.join(" ");
    let words = Some(words.as_str()).filter(|words| !words.is_empty());
    let limit = arguments.limit.unwrap_or(usize::MAX);
    list(node, words, limit, |files, is_all| {
        asking::print(is_json, &files, |out| match arguments.magnet {
            true => write_links(out, files),
            false => write(out, files, is_all),
        })
    })
}

fn list(
    node: &Node,
    words: Option<&str>,
    limit: usize,
    print: impl FnOnce(&[SharedFile], bool) -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    asking::ask(node, async |client| {
        let (files, is_all) = files(client, words, limit).await?;
        print(&files, is_all)
    })
}

/// Links are for programs too: nothing else is printed.
fn write_links(out: &mut impl Write, files: &[SharedFile]) -> io::Result<()> {
    let links = files.iter().filter_map(|file| file.magnet.as_deref());
    links.map(printable::text).try_for_each(|link| writeln!(out, "{link}"))
}

/// So many files at most, and whether these are all.
async fn files(
    client: &Client,
    words: Option<&str>,
    limit: usize,
) -> anyhow::Result<(Vec<SharedFile>, bool)> {
    let (mut files, mut from) = (Vec::new(), 0);
    while files.len() < limit {
        let wanted = limit.saturating_sub(files.len()).min(PAGE_LEN);
        let Library { files: page, next, .. } = client.library(from, wanted, words).await?;
        files.extend(page);
        let Some(next) = next.filter(|next| *next > from) else { return Ok((files, true)) };
        from = next;
    }
    Ok((files, false))
}

fn write(out: &mut impl Write, files: &[SharedFile], is_all: bool) -> io::Result<()> {
    if files.is_empty() {
        return writeln!(out, "no files");
    }
    table(files).write(out, columns::of_output())?;
    if is_all {
        return Ok(());
    }
    let count = counted(u64::try_from(files.len()).unwrap_or(u64::MAX), "file");
    writeln!(out, "... the first {count}")
}

fn table(files: &[SharedFile]) -> Table {
    let mut table = Table::new([
        Column::number("INDEX"),
        Column::number("SIZE"),
        Column::text("NAME").shortened_to(20),
        Column::text("SHA-1").spare(),
    ]);
    for file in files {
        let sha1 = file.sha1.as_deref().unwrap_or("-");
        table.add([
            file.index.to_string(),
            Bytes(file.size).to_string(),
            printable::text(&file.name),
            printable::text(sha1),
        ]);
    }
    table
}
