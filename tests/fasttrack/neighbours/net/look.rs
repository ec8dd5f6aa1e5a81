use std::collections::{BTreeMap, VecDeque};

use super::{Id, Net, address};

impl Net {
    /// How far everybody is from one, along the links that there are.
    pub fn distances(&self, from: Id) -> BTreeMap<Id, u8> {
        let mut distances = BTreeMap::from([(from, 0)]);
        let mut queue = VecDeque::from([from]);
        while let Some(id) = queue.pop_front() {
            for other in self.neighbours(id) {
                if !distances.contains_key(&other) && self.nodes[other].is_some() {
                    distances.insert(other, distances[&id] + 1);
                    queue.push_back(other);
                }
            }
        }
        distances
    }

    /// Supernodes whose table has another one wrong: missing, at another distance, or dead.
    pub fn wrong(&self) -> usize {
        let wrong = |id: Id| {
            let mut right: BTreeMap<_, _> = self.distances(id);
            right.remove(&id);
            right.retain(|_, distance| *distance <= 6);
            let right: BTreeMap<_, _> =
                right.into_iter().map(|(id, distance)| (address(id), distance)).collect();
            let room = &self.nodes[id].as_ref().unwrap().room;
            let table: BTreeMap<_, _> =
                room.known().map(|known| (known.record.address, known.record.distance)).collect();
            let missing = right.iter().filter(|(it, distance)| table.get(it) != Some(distance));
            missing.count() + table.keys().filter(|it| !right.contains_key(it)).count()
        };
        self.alive().map(wrong).sum()
    }

    /// Supernodes that still believe in one that is dead.
    pub fn believers(&self, dead: Id) -> usize {
        let believes = |id: &Id| {
            let mut known = self.nodes[*id].as_ref().unwrap().room.known();
            known.any(|known| known.record.address == address(dead))
        };
        self.alive().filter(believes).count()
    }

    /// Who called in the only session of a supernode.
    pub fn caller(&self, id: Id) -> Id {
        let (_, link) = self.nodes[id].as_ref().unwrap().slots.iter().next().unwrap();
        self.links[*link].ends[0].0
    }

    /// Ends of all links that there ever were.
    pub fn ends_ever(&self) -> u64 {
        2 * self.links.len() as u64
    }
}
