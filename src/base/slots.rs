//! Places for things that come and go, each with a name that is never given twice.

use std::fmt;
use std::num::NonZeroU32;

/// The name of a place in [`Slots`]. Once the thing is gone, the name leads nowhere for ever.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    index: u32,
    generation: Generation,
}

/// Counts the things that were in a place. Never 0, so that a name that may be missing takes no more
/// room.
pub(super) type Generation = NonZeroU32;

impl Slot {
    /// In the order of names, no other one is before it.
    pub const FIRST: Self = Self { index: 0, generation: Generation::MIN };

    /// The number of the place: small, and given again once it is free. For tables that are indexed
    /// by places and told when one is cleared.
    pub const fn index(self) -> usize {
        self.index as usize
    }

    pub(super) const fn new(index: u32, generation: Generation) -> Self {
        Self { index, generation }
    }

    pub(super) const fn generation(self) -> Generation {
        self.generation
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.index, self.generation)
    }
}

/// Things in numbered places. Walking over them goes by the numbers, so that it is the same each time.
#[derive(Clone, Debug)]
pub struct Slots<T> {
    places: Vec<Place<T>>,
    /// Places that are free, the last one cleared last.
    free: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Place<T> {
    generation: Generation,
    thing: Option<T>,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Slots<T> {
    pub const fn new() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }

    /// Puts a thing into the place that was cleared last, or into a new one.
    pub fn insert(&mut self, thing: T) -> Slot {
        if let Some(index) = self.free.pop()
            && let Some(place) = self.places.get_mut(index as usize)
        {
            place.thing = Some(thing);
            return Slot { index, generation: place.generation };
        }
        let index = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        make_room(&mut self.places);
        let generation = Generation::MIN;
        self.places.push(Place { generation, thing: Some(thing) });
        Slot { index, generation }
    }

    pub fn get(&self, slot: Slot) -> Option<&T> {
        let place = self.places.get(slot.index())?;
        place.thing.as_ref().filter(|_| place.generation == slot.generation)
    }

    pub fn get_mut(&mut self, slot: Slot) -> Option<&mut T> {
        let place = self.places.get_mut(slot.index())?;
        place.thing.as_mut().filter(|_| place.generation == slot.generation)
    }

    pub fn contains(&self, slot: Slot) -> bool {
        self.get(slot).is_some()
    }

    /// Clears a place. Its name is spent.
    pub fn remove(&mut self, slot: Slot) -> Option<T> {
        let place = self.places.get_mut(slot.index())?;
        if place.generation != slot.generation {
            return None;
        }
        let thing = place.thing.take()?;
        // A place whose generations are used up is left empty.
        if let Some(next) = place.generation.checked_add(1) {
            place.generation = next;
            self.free.push(slot.index);
        }
        Some(thing)
    }

    pub fn iter(&self) -> impl Iterator<Item = (Slot, &T)> {
        (0_u32..).zip(&self.places).filter_map(|(index, place)| {
            Some((Slot { index, generation: place.generation }, place.thing.as_ref()?))
        })
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Slot, &mut T)> {
        (0_u32..).zip(&mut self.places).filter_map(|(index, place)| {
            Some((Slot { index, generation: place.generation }, place.thing.as_mut()?))
        })
    }

    /// How many things there are.
    pub fn len(&self) -> usize {
        self.places.len().saturating_sub(self.free.len())
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Room for one thing more, and for a quarter of what there is: most nodes have three neighbours, and
/// there may be many nodes.
pub(crate) fn make_room<T>(things: &mut Vec<T>) {
    if things.len() == things.capacity() {
        things.reserve_exact((things.len() / 4).saturating_add(1));
    }
}

/// Gives back room for many things where there are few, all of it where there are none.
pub(crate) fn give_back_room<T>(things: &mut Vec<T>) {
    if things.len() <= things.capacity() / 4 {
        things.shrink_to(things.len().saturating_mul(2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_to_its_thing_until_that_is_gone_and_never_to_another() {
        let mut slots = Slots::new();
        let (first, second) = (slots.insert("first"), slots.insert("second"));
        assert_eq!((slots.get(first), slots.len()), (Some(&"first"), 2));
        assert_eq!(slots.remove(first), Some("first"));
        assert_eq!((slots.remove(first), slots.get(first), slots.len()), (None, None, 1));
        let third = slots.insert("third");
        assert_eq!((third.index(), slots.get(first)), (first.index(), None));
        assert_eq!(slots.get_mut(third).map(|thing| *thing), Some("third"));
        let order: Vec<_> = slots.iter().map(|(slot, thing)| (slot, *thing)).collect();
        assert_eq!(order, [(third, "third"), (second, "second")]);
    }
}
