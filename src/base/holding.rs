//! What a table holds, beside what it may hold.

/// One table of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// What is counted, as people say it.
    pub what: &'static str,
    pub count: usize,
    /// It is never more than this.
    pub count_max: usize,
}

impl Holding {
    /// True where a table has grown beyond its limit, which is a bug.
    pub const fn is_over(&self) -> bool {
        self.count > self.count_max
    }
}
