use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Lines, Write};

use anyhow::Context;

use crate::simulate::Told;

/// A trace that is written to a file, or held against one.
pub(super) enum Recording {
    Writing {
        path: String,
        out: BufWriter<File>,
        result: io::Result<()>,
    },
    Comparing {
        path: String,
        lines: Lines<BufReader<File>>,
        count: u64,
        difference: Option<String>,
    },
}

impl Recording {
    pub(super) fn write(path: &str) -> anyhow::Result<Self> {
        let file = File::create(path).with_context(|| format!("cannot write {path}"))?;
        Ok(Self::Writing { path: path.to_owned(), out: BufWriter::new(file), result: Ok(()) })
    }

    pub(super) fn compare(path: &str) -> anyhow::Result<Self> {
        let file = File::open(path).with_context(|| format!("cannot read {path}"))?;
        let lines = BufReader::new(file).lines();
        Ok(Self::Comparing { path: path.to_owned(), lines, count: 0, difference: None })
    }

    pub(super) fn take(&mut self, told: &Told<'_>) {
        match self {
            Self::Writing { out, result, .. } => {
                if result.is_ok() {
                    *result = writeln!(out, "{told}");
                }
            }
            Self::Comparing { path, lines, count, difference } => {
                if difference.is_some() {
                    return;
                }
                *count = count.saturating_add(1);
                let there = match lines.next() {
                    Some(Ok(line)) => line,
                    Some(Err(error)) => format!("cannot be read: {error}"),
                    None => "nothing more".to_owned(),
                };
                let here = told.to_string();
                if here != there {
                    *difference =
                        Some(format!("line {count}: {path} has '{there}', this '{here}'"));
                }
            }
        }
    }

    /// Where the two first differ, if they do.
    pub(super) fn finish(self) -> anyhow::Result<Option<String>> {
        match self {
            Self::Writing { path, mut out, result } => {
                let written = result.and_then(|()| out.flush());
                written.with_context(|| format!("cannot write {path}"))?;
                Ok(None)
            }
            Self::Comparing { difference: Some(difference), .. } => Ok(Some(difference)),
            Self::Comparing { path, mut lines, count, .. } => Ok(lines
                .next()
                .map(|_| format!("{path} goes on after line {count}, and this does not"))),
        }
    }
}
