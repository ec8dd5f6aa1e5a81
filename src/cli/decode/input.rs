use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use anyhow::{Context, anyhow, bail};

use super::line::grouped;
use crate::dissect::{Damaged, Dissector, Refusal};

const PIECE_LEN: usize = 64 * 1024;

const ADVICE: &str = "give a packet capture, or '-' to read one from standard input";

/// A file, or standard input.
pub(super) struct Input {
    name: String,
    reader: Box<dyn Read>,
    piece: Vec<u8>,
}

impl Input {
    /// Opens what the user named.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let piece = vec![0; PIECE_LEN];
        if path.as_os_str() == "-" {
            let name = "standard input".to_owned();
            return Ok(Self { name, reader: Box::new(io::stdin().lock()), piece });
        }
        let name = format!("'{}'", path.display());
        if path.is_dir() {
            bail!("{name} is a directory: {ADVICE}");
        }
        let file = File::open(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => anyhow!("there is no file {name}: {ADVICE}"),
            ErrorKind::PermissionDenied => anyhow!("you may not read {name}: try it as its owner"),
            _ => anyhow!("cannot open {name}: {error}"),
        })?;
        Ok(Self { name, reader: Box::new(file), piece })
    }

    /// The next piece, or nothing at the end.
    pub(super) fn read(&mut self) -> anyhow::Result<Option<&[u8]>> {
        loop {
            match self.reader.read(&mut self.piece) {
                Ok(0) => return Ok(None),
                Ok(len) => return Ok(self.piece.get(..len)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot read {}", self.name));
                }
            }
        }
    }

    /// Says why the input cannot be decoded.
    pub(super) fn refused(&self, refusal: Refusal) -> anyhow::Error {
        match refusal {
            Refusal::Empty | Refusal::Foreign => anyhow!("{} {refusal}: {ADVICE}", self.name),
            _ => anyhow!("{} {refusal}", self.name),
        }
    }

    /// Where the input is damaged, which may leave enough of it to be of use. Every other refusal is
    /// an error.
    pub(super) fn damage(&self, result: Result<(), Refusal>) -> anyhow::Result<Option<Damaged>> {
        match result {
            Ok(()) => Ok(None),
            Err(Refusal::Damaged(damaged)) => Ok(Some(damaged)),
            Err(refusal) => Err(self.refused(refusal)),
        }
    }

    /// Where nothing could be decoded, damage is an error after all.
    pub(super) fn tolerate(
        &self,
        damage: Option<Damaged>,
        is_empty: bool,
    ) -> anyhow::Result<Option<Damaged>> {
        match damage.filter(|_| is_empty) {
            Some(damaged) => Err(self.refused(damaged.into())),
            None => Ok(damage),
        }
    }

    /// What a user should know who wonders why something is missing.
    pub(super) fn warnings(&self, dissector: &Dissector, damage: Option<Damaged>) -> Vec<String> {
        let mut warnings = Vec::new();
        if let Some(damaged) = damage {
            warnings.push(self.refused(damaged.into()).to_string());
        } else if dissector.is_cut() {
            let sentence = "ends within a packet, and was decoded up to that";
            warnings.push(format!("{} {sentence}", self.name));
        }
        if let Some(link) = dissector.statistics().unknown_link {
            let sentence = "which is not known here: record Ethernet, IP or the device 'any'";
            warnings.push(format!("{} has packets of link type {link}, {sentence}", self.name));
        }
        let evicted = dissector.statistics().evicted_connections;
        if evicted > 0 {
            let sentence = "put aside before their end to save memory, and told of in pieces";
            let connections = if evicted == 1 { "connection" } else { "connections" };
            let name = &self.name;
            warnings.push(format!("{name} has {} {connections} {sentence}", grouped(evicted)));
        }
        warnings
    }
}
