//! What a neighbour can do wrong.

use crate::base::error::{Misbehaved, Rule};

pub(super) const NOT_ITS_OWN: Misbehaved =
    Misbehaved { rule: Rule::new("FTPEER-06"), what: "the first record is not of its sender" };

pub(super) const TOO_MANY_RECORDS: Misbehaved = Misbehaved {
    rule: Rule::new("FTPEER-11"),
    what: "it sends more records than two tables in five minutes",
};

pub(super) const NOT_ITS_ADDRESS: Misbehaved = Misbehaved {
    rule: Rule::new("FTPEER-23"),
    what: "its own record has the address of somebody else",
};

pub(super) const ANOTHER_ADDRESS: Misbehaved = Misbehaved {
    rule: Rule::new("FTPEER-23"),
    what: "its own record has another address than before",
};

pub(super) const SPEAKS_FOR_OTHERS: Misbehaved =
    Misbehaved { rule: Rule::new("FTPEER-23"), what: "it sends in the name of another supernode" };
