use std::collections::BTreeMap;
use std::sync::Arc;

/// Things with numbers, in pages: a copy shares all pages with the original until either changes one.
#[derive(Clone, Debug)]
pub(super) struct Pages<T> {
    /// No page is empty.
    pages: BTreeMap<u32, Arc<Page<T>>>,
    len: usize,
}

/// In the order of their numbers.
type Page<T> = Vec<(u32, T)>;

/// Things on one page.
const PAGE_LEN: u32 = 256;

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self { pages: BTreeMap::new(), len: 0 }
    }
}

impl<T: Clone> Pages<T> {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) fn get(&self, number: u32) -> Option<&T> {
        let page = self.pages.get(&page_of(number))?;
        let place = page.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        page.get(place).map(|(_, thing)| thing)
    }

    /// To change it.
    pub(super) fn edit(&mut self, number: u32) -> Option<&mut T> {
        let page = self.pages.get_mut(&page_of(number))?;
        let place = page.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        Arc::make_mut(page).get_mut(place).map(|(_, thing)| thing)
    }

    pub(super) fn insert(&mut self, number: u32, thing: T) {
        let page = Arc::make_mut(self.pages.entry(page_of(number)).or_default());
        match page.binary_search_by_key(&number, |(number, _)| *number) {
            Ok(place) => {
                if let Some(there) = page.get_mut(place) {
                    there.1 = thing;
                }
            }
            Err(place) => {
                page.insert(place, (number, thing));
                self.len = self.len.saturating_add(1);
            }
        }
    }

    pub(super) fn remove(&mut self, number: u32) -> Option<T> {
        let page = self.pages.get_mut(&page_of(number))?;
        let place = page.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        let page = Arc::make_mut(page);
        let (_, thing) = page.remove(place);
        if page.is_empty() {
            self.pages.remove(&page_of(number));
        }
        self.len = self.len.saturating_sub(1);
        Some(thing)
    }

    /// Those whose number is this one or a later one, in their order.
    pub(super) fn from(&self, first: u32) -> impl Iterator<Item = (u32, &T)> {
        let pages = self.pages.range(page_of(first)..).flat_map(|(_, page)| page.iter());
        pages.map(|(number, thing)| (*number, thing)).skip_while(move |(number, _)| *number < first)
    }
}

const fn page_of(number: u32) -> u32 {
    number / PAGE_LEN
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Pages do what a map does, and copies stay as they were.
        #[test]
        fn pages_are_as_good_as_a_map(changes in prop::collection::vec((0_u32..700, any::<bool>()), 0..60)) {
            let (mut pages, mut map) = (Pages::default(), BTreeMap::new());
            for (at, (number, adds)) in changes.into_iter().enumerate() {
                let (copy, before) = (pages.clone(), map.clone());
                if adds {
                    pages.insert(number, at);
                    map.insert(number, at);
                } else {
                    prop_assert_eq!(pages.remove(number), map.remove(&number));
                }
                prop_assert_eq!(copy.from(0).map(|(n, t)| (n, *t)).collect::<BTreeMap<_, _>>(), before);
                prop_assert_eq!(pages.get(number), map.get(&number));
                prop_assert_eq!(pages.len(), map.len());
                prop_assert!(pages.from(300).eq(map.range(300..).map(|(number, thing)| (*number, thing))));
            }
        }
    }
}
