use super::read_value::complaint;
use super::registry::lookup;
use super::{Item, Items, Place};
use crate::base::error::Faults;
use crate::base::limits::GGEP_ITEMS_MAX;
use crate::base::reader::Expect;

const NO_LAST: Expect = Expect::new("GGEP-12", "the last extension is not marked as the last");
const TOO_MANY: Expect = Expect::new("GGEP-21", "there are more extensions than anyone sends");
const TWICE: Expect = Expect::new("GGEP-22", "an extension is there twice");

/// Walks to the end and notes what is wrong with the framing and with each value.
pub(in crate::gnutella::wire) fn inspect(
    mut items: Items<'_>,
    place: Place,
    start: usize,
    faults: &mut Faults,
) {
    let mut seen = Vec::new();
    let mut count = 0_usize;
    for step in items.by_ref() {
        let Some(item) = faults.note(step, start) else { return };
        count = count.saturating_add(1);
        // Beyond the limit only the framing is of interest, so that a long list costs little.
        if count == GGEP_ITEMS_MAX.saturating_add(1) {
            faults.push(TOO_MANY.broken_at(item.start.saturating_add(start)));
        }
        if count <= GGEP_ITEMS_MAX {
            if seen.contains(&item.id) {
                faults.push(TWICE.broken_at(item.start.saturating_add(start)));
            }
            seen.push(item.id);
            inspect_value(&item, place, start, faults);
        }
    }
    if items.is_unended() {
        faults.push(NO_LAST.broken_at(items.offset().saturating_add(start)));
    }
}

fn inspect_value(item: &Item<'_>, place: Place, start: usize, faults: &mut Faults) {
    let Some(value) = faults.note(item.value(place), start) else { return };
    if let Some(fault) = lookup(item.id, place).and_then(|known| complaint(known, &value)) {
        faults.push(fault.moved_by(item.offset.saturating_add(start)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GGEP-22
    #[test]
    fn a_repeated_extension_is_blamed_where_it_begins() {
        let mut faults = Faults::new();
        inspect(Items::new(b"\xc3\x02BH\x40\x82BH\x40{}", 0), Place::Trailer, 50, &mut faults);
        let fault = faults.as_slice()[0];
        assert_eq!((fault.rule.id(), fault.offset), ("GGEP-22", 55));
    }
}
