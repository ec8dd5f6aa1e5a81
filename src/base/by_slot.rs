//! What a room keeps of each thing in [`Slots`](super::slots::Slots), beside them.

use super::slots::{Generation, Slot, give_back_room};

/// One value for each slot that has one. As long as the largest number of a slot that has one, so
/// that a value is found without a search, and no longer.
#[derive(Clone, Debug)]
pub struct BySlot<T> {
    /// The last one has a value.
    places: Vec<Option<Place<T>>>,
}

#[derive(Clone, Debug)]
struct Place<T> {
    /// Of the slot; its number is that of the place.
    generation: Generation,
    value: T,
}

impl<T> Default for BySlot<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> BySlot<T> {
    /// Nobody has a value.
    pub const fn new() -> Self {
        Self { places: Vec::new() }
    }

    /// Gives a slot its value, in place of the one that it, or one before it in the same place,
    /// had.
    pub fn insert(&mut self, slot: Slot, value: T) {
        self.replace(slot, value);
    }

    /// The same; the value before comes back.
    pub fn replace(&mut self, slot: Slot, value: T) -> Option<T> {
        let index = slot.index();
        if index >= self.places.len() {
            let more = index.saturating_add(1).saturating_sub(self.places.len());
            self.places.reserve_exact(more.saturating_add(self.places.len() / 4));
            self.places.resize_with(index.saturating_add(1), || None);
        }
        let place = Place { generation: slot.generation(), value };
        self.places.get_mut(index)?.replace(place).map(|before| before.value)
    }

    /// The value of a slot.
    pub fn get(&self, slot: Slot) -> Option<&T> {
        let place = self.places.get(slot.index())?.as_ref()?;
        (place.generation == slot.generation()).then_some(&place.value)
    }

    /// The value of a slot, to change it.
    pub fn get_mut(&mut self, slot: Slot) -> Option<&mut T> {
        let place = self.places.get_mut(slot.index())?.as_mut()?;
        (place.generation == slot.generation()).then_some(&mut place.value)
    }

    /// Takes the value of a slot away.
    pub fn remove(&mut self, slot: Slot) -> Option<T> {
        let place = self.places.get_mut(slot.index())?;
        let gone = place.take_if(|place| place.generation == slot.generation())?;
        while self.places.pop_if(|place| place.is_none()).is_some() {}
        give_back_room(&mut self.places);
        Some(gone.value)
    }

    /// True when no slot has one.
    pub const fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Every value, by the numbers of the slots.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &T)> {
        (0_u32..).zip(&self.places).filter_map(|(index, place)| {
            let Place { generation, value } = place.as_ref()?;
            Some((Slot::new(index, *generation), value))
        })
    }

    /// Every value, by the numbers of the slots, to change it.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Slot, &mut T)> {
        (0_u32..).zip(&mut self.places).filter_map(|(index, place)| {
            let Place { generation, value } = place.as_mut()?;
            Some((Slot::new(index, *generation), value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::slots::Slots;

    #[test]
    fn a_value_belongs_to_one_slot_and_not_to_the_next_in_its_place() {
        let mut slots = Slots::new();
        let (first, second) = (slots.insert(()), slots.insert(()));
        let mut values = BySlot::new();
        values.insert(second, 'b');
        values.insert(first, 'a');
        assert_eq!((values.get(first), values.get(second)), (Some(&'a'), Some(&'b')));
        slots.remove(first);
        let third = slots.insert(());
        assert_eq!(values.get(third), None);
        assert_eq!(values.get_mut(third), None);
        assert_eq!((values.remove(third), values.iter().count()), (None, 2));
        assert_eq!(values.replace(third, 'c'), Some('a'));
        assert_eq!((values.get(first), values.get(third)), (None, Some(&'c')));
        let all: Vec<_> = values.iter().map(|(slot, value)| (slot, *value)).collect();
        assert_eq!(all, [(third, 'c'), (second, 'b')]);
    }

    #[test]
    fn memory_is_given_back() {
        let mut slots = Slots::new();
        let many: Vec<_> = (0..1_000).map(|_| slots.insert(())).collect();
        let mut values = BySlot::new();
        for &slot in &many {
            values.insert(slot, 1_u64);
        }
        for &slot in &many {
            assert_eq!(values.remove(slot), Some(1));
        }
        assert!(values.is_empty());
        assert_eq!(values.places.capacity(), 0);
    }
}
