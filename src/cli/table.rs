//! Tables that fit a terminal: a column is shortened, or left out, rather than a line wrapped.

use std::io::{self, Write};

use anstyle::Style;

use super::columns::{fit, width};

const HEADING: Style = Style::new().bold();

/// Blanks between two columns.
const GAP: usize = 2;

/// Rows below headings.
#[derive(Clone, Debug)]
pub(super) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

/// What a column of a table is like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    heading: &'static str,
    is_number: bool,
    /// What is left of it at least where there is little room; without it, it is never shortened.
    width_min: Option<usize>,
    /// It may be left out.
    is_spare: bool,
}

impl Column {
    /// Text, which begins on the left.
    pub(super) const fn text(heading: &'static str) -> Self {
        Self { heading, is_number: false, width_min: None, is_spare: false }
    }

    /// Numbers, which end on the right.
    pub(super) const fn number(heading: &'static str) -> Self {
        Self { is_number: true, ..Self::text(heading) }
    }

    /// The same, shortened to this width where there is little room.
    pub(super) const fn shortened_to(self, width_min: usize) -> Self {
        Self { width_min: Some(width_min), ..self }
    }

    /// The same, left out where there is little room.
    pub(super) const fn spare(self) -> Self {
        Self { is_spare: true, ..self }
    }

    fn cell(&self, text: &str, columns: usize) -> String {
        let text = fit(text, columns);
        let blanks = " ".repeat(columns.saturating_sub(width(&text)));
        if self.is_number { format!("{blanks}{text}") } else { format!("{text}{blanks}") }
    }
}

impl Table {
    pub(super) fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self { columns: columns.into_iter().collect(), rows: Vec::new() }
    }

    /// Adds a row, a cell a column, none of which may steer a terminal.
    pub(super) fn add(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Writes the table in so many columns, or in as many as it takes.
    pub(super) fn write(&self, out: &mut impl Write, columns: Option<usize>) -> io::Result<()> {
        let layout = self.layout(columns);
        let line = |cells: Vec<&str>| {
            let cells = cells.iter().zip(&self.columns).zip(&layout);
            let cells =
                cells.filter_map(|((text, column), width)| Some(column.cell(text, (*width)?)));
            let line = cells.collect::<Vec<_>>().join(&" ".repeat(GAP));
            fit(line.trim_end(), columns.unwrap_or(usize::MAX))
        };
        let headings = line(self.columns.iter().map(|column| column.heading).collect());
        writeln!(out, "{HEADING}{headings}{HEADING:#}")?;
        for row in &self.rows {
            writeln!(out, "{}", line(row.iter().map(String::as_str).collect()))?;
        }
        Ok(())
    }

    /// The width of each column, or nothing for one that is left out.
    fn layout(&self, columns: Option<usize>) -> Vec<Option<usize>> {
        let mut layout: Vec<_> = (0..self.columns.len()).map(|at| Some(self.natural(at))).collect();
        let Some(columns) = columns else { return layout };
        for (at, column) in self.columns.iter().enumerate().rev() {
            if column.is_spare && total(self.shortest(&layout)) > columns {
                layout.get_mut(at).map(Option::take);
            }
        }
        while total(layout.iter().copied().flatten()) > columns {
            let widest = layout.iter_mut().zip(&self.columns).filter_map(|(width, column)| {
                let (width, least) = (width.as_mut()?, column.width_min?);
                (*width > least).then_some(width)
            });
            let Some(width) = widest.max() else { break };
            *width = width.saturating_sub(1);
        }
        layout
    }

    /// The width of a column with all its cells.
    fn natural(&self, at: usize) -> usize {
        let heading = self.columns.get(at).map(|column| column.heading);
        let cells = self.rows.iter().filter_map(|row| row.get(at)).map(String::as_str);
        cells.chain(heading).map(width).max().unwrap_or(0)
    }

    /// The widths when all that can be shortened is.
    fn shortest<'a>(&'a self, layout: &'a [Option<usize>]) -> impl Iterator<Item = usize> + 'a {
        layout.iter().zip(&self.columns).filter_map(|(width, column)| {
            let width = (*width)?;
            Some(column.width_min.map_or(width, |least| least.min(width)))
        })
    }
}

/// Columns of a line with these cells.
fn total(widths: impl IntoIterator<Item = usize>) -> usize {
    let cells = widths.into_iter().map(|width| width.saturating_add(GAP));
    cells.fold(0, usize::saturating_add).saturating_sub(GAP)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let columns = [
            Column::text("NAME").shortened_to(4),
            Column::number("SIZE"),
            Column::text("ADDRESS"),
            Column::text("MORE").spare(),
        ];
        let mut table = Table::new(columns);
        for row in
            [["日本語の歌", "1 B", "10.0.0.1:1", "x"], ["short", "1.4 GiB", "10.0.0.2:65535", ""]]
        {
            table.add(row.map(str::to_owned));
        }
        table
    }

    fn shown(columns: Option<usize>) -> Vec<String> {
        let mut out = Vec::new();
        table().write(&mut out, columns).unwrap();
        let text = anstream::adapter::strip_str(str::from_utf8(&out).unwrap()).to_string();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn with_room_for_all_nothing_is_shortened() {
        let whole = [
            "NAME           SIZE  ADDRESS         MORE",
            "日本語の歌      1 B  10.0.0.1:1      x",
            "short       1.4 GiB  10.0.0.2:65535",
        ];
        assert_eq!(shown(None), whole);
        assert_eq!(shown(Some(41)), whole);
    }

    #[test]
    fn first_a_column_is_shortened_and_then_one_is_left_out() {
        assert_eq!(
            shown(Some(36)),
            [
                "NAME      SIZE  ADDRESS         MORE",
                "日本…      1 B  10.0.0.1:1      x",
                "short  1.4 GiB  10.0.0.2:65535"
            ]
        );
        assert_eq!(shown(Some(34))[2], "short      1.4 GiB  10.0.0.2:65535");
        assert_eq!(shown(Some(29))[1], "日…       1 B  10.0.0.1:1");
    }

    #[test]
    fn no_line_is_wider_than_it_may_be() {
        for columns in 0..45 {
            for line in shown(Some(columns)) {
                assert!(width(&line) <= columns, "{columns}: {line}");
            }
        }
    }
}
