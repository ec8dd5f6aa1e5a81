use std::io::{self, Write};

use clap::Args;

use super::asking::{self, Node};
use super::table::{Column, Table};
use super::units::{Bytes, Roughly};
use super::{Exit, columns, printable};
use crate::control::model::{Upload, Uploads};

/// What `filbert uploads` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    node: Node,

    /// Print one JSON object
    #[arg(short, long)]
    json: bool,
}

/// Prints which files others take, and how many wait for one.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    asking::ask(&arguments.node, async |client| {
        let uploads = client.uploads().await?;
        asking::print(arguments.json, &uploads, |out| write(&uploads, out, columns::of_output()))
    })
}

fn write(uploads: &Uploads, out: &mut impl Write, columns: Option<usize>) -> io::Result<()> {
    if uploads.uploads.is_empty() {
        writeln!(out, "no uploads")?;
    } else {
        table(&uploads.uploads).write(out, columns)?;
    }
    let Uploads { slots, slots_taken, waiting, totals, .. } = uploads;
    let sent = Bytes(totals.sent_bytes);
    writeln!(out, "{slots_taken} of {slots} slots taken, {waiting} waiting, {sent} sent in all")
}

fn table(uploads: &[Upload]) -> Table {
    let mut table = Table::new([
        Column::number("ID"),
        Column::text("NAME").shortened_to(12),
        Column::number("SIZE"),
        Column::number("SENT"),
        Column::number("A SECOND"),
        Column::number("FOR").spare(),
        Column::text("TO"),
    ]);
    uploads.iter().for_each(|upload| table.add(cells(upload)));
    table
}

fn cells(upload: &Upload) -> [String; 7] {
    [
        upload.id.to_string(),
        printable::text(&upload.name),
        Bytes(upload.size).to_string(),
        Bytes(upload.sent_bytes).to_string(),
        Bytes(upload.bytes_per_s).to_string(),
        Roughly(upload.for_s).to_string(),
        upload.address.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::model::UploadTotals;

    #[test]
    fn uploads_are_listed_with_what_waits_and_steer_no_terminal() {
        let upload = Upload {
            id: 7,
            address: "203.0.113.9:40000".parse().unwrap(),
            name: "a\u{1b}[31mb".to_owned(),
            size: 2_048,
            sha1: None,
            sent_bytes: 1_024,
            bytes_per_s: 512,
            for_s: 2,
        };
        let totals = UploadTotals { sent_bytes: 4_096, ..UploadTotals::default() };
        let uploads =
            Uploads { slots: 4, slots_taken: 1, waiting: 3, totals, uploads: vec![upload] };
        let mut out = Vec::new();
        write(&uploads, &mut out, None).unwrap();
        let text = anstream::adapter::strip_str(str::from_utf8(&out).unwrap()).to_string();
        assert!(text.contains("203.0.113.9:40000"), "{text}");
        assert!(text.contains("1 of 4 slots taken, 3 waiting, 4.0 KiB sent in all"), "{text}");
        assert!(!text.contains('\u{1b}') && text.contains("a\u{fffd}[31mb"), "{text}");
    }
}
