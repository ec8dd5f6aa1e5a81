use std::fs;
use std::path::Path;

use anyhow::Context;
use clap_mangen::Man;

use crate::cli::command;

/// The page of the program as a whole.
pub(super) fn page() -> anyhow::Result<Vec<u8>> {
    let mut page = Vec::new();
    let command = command().disable_help_subcommand(true);
    Man::new(command).render(&mut page)?;
    Ok(page)
}

/// That page and one of each command, in files as `man` looks for them.
pub(super) fn write_pages(directory: &Path) -> anyhow::Result<()> {
    let cannot = || format!("cannot write manual pages into {}", directory.display());
    fs::create_dir_all(directory).with_context(cannot)?;
    clap_mangen::generate_to(command(), directory).with_context(cannot)
}
