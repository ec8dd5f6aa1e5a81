//! What a query asks for, as far as our own files can answer it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::base::limits::{
    ANSWERS_MAX, SEARCHED_TEXT_LEN_MIN, SHORT_TEXT_HOPS_MAX, SHORT_TEXT_LEN_MAX,
};
use crate::base::mutant::mutant;
use crate::base::urn::Urn;
use crate::gnutella::wire::Query;
use crate::gnutella::wire::ggep::{Place, Value};
use crate::index::files::Kinds;

/// What a query asks for.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    /// Contents by their SHA-1, and by the root of their Tiger tree; each once, however often the query
    /// names them (HIT-34).
    pub(super) sha1s: BTreeSet<[u8; 20]>,
    pub(super) tiger_roots: BTreeSet<[u8; 24]>,
    /// Words, if they are worth a search.
    pub(super) text: Option<Cow<'a, str>>,
    pub(super) kinds: Kinds,
    /// What is new, and nothing by name.
    pub(super) is_for_new: bool,
    /// Parts of files are welcome (GGEP-64).
    pub(super) takes_parts: bool,
    /// GGEP H is read.
    pub(super) takes_h: bool,
    pub(super) limit: usize,
}

impl<'a> Asked<'a> {
    /// Of a query that has come so many hops.
    pub(super) fn of(query: &'a Query, hops: u8) -> Self {
        let wanted = usize::from(query.flags.max_hits());
        let mut asked = Self {
            sha1s: BTreeSet::new(),
            tiger_roots: BTreeSet::new(),
            text: std::str::from_utf8(&query.text).ok().map(Cow::Borrowed),
            kinds: Kinds::ALL,
            is_for_new: query.is_for_new(),
            takes_parts: false,
            takes_h: query.flags.ggep_h() || mutant!(SaysHUnasked),
            limit: if wanted == 0 { ANSWERS_MAX } else { wanted.min(ANSWERS_MAX) },
        };
        asked.take_extensions(query);
        asked.text = asked.text.filter(|text| is_worth_it(text, hops));
        asked
    }

    fn take_extensions(&mut self, query: &Query) {
        for urn in query.extensions.urns().filter(|_| !mutant!(FindsNoContents)) {
            match urn {
                Urn::TigerTree(root) => _ = self.tiger_roots.insert(root),
                other => self.sha1s.extend(other.sha1()),
            }
        }
        for item in query.extensions.items() {
            match (item.id, item.value(Place::Query)) {
                (b"PR", _) => self.takes_parts = true,
                (b"M", Ok(Value::Number(bits))) => {
                    self.kinds = Kinds::asked(u32::try_from(bits).unwrap_or(u32::MAX));
                }
                // QUERY-21
                (b"XQ", Ok(Value::Text(text))) => self.text = Some(Cow::Owned(text)),
                _ => {}
            }
        }
    }
}

/// Whether a text is long enough to be searched for (QUERY-32).
fn is_worth_it(text: &str, hops: u8) -> bool {
    text.len() >= SEARCHED_TEXT_LEN_MIN
        && (text.len() > SHORT_TEXT_LEN_MAX || hops <= SHORT_TEXT_HOPS_MAX)
}
