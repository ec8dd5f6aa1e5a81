use super::{Amount, Known, Neighbours, Sums};
use crate::base::limits::FASTTRACK_SUMS_EVERY_MS;
use crate::base::time::Time;
use crate::fasttrack::wire::{MediaStats, NetworkStats, Networks, Node, StatsSize, TableRecord};

/// Sums, and when they were made.
#[derive(Debug)]
pub(super) struct CountedSums {
    made: Time,
    sums: Sums,
}

const MIB: u64 = 1 << 20;

impl Neighbours {
    /// What all supernodes have together, counted again once a minute (FTSUPER-21).
    pub fn sums(&mut self, now: Time) -> Sums {
        if let Some(CountedSums { made, sums }) = &self.sums
            && now < made.after_ms(FASTTRACK_SUMS_EVERY_MS)
        {
            return *sums;
        }
        let sums = self.count();
        self.sums = Some(CountedSums { made: now, sums });
        sums
    }

    fn count(&self) -> Sums {
        let own = self.own.latest();
        let mut sums = Sums { users: u64::from(own.children).saturating_add(1), media: own.media };
        for (entry, _) in self.vector.reached() {
            let users = u64::from(entry.record.children).saturating_add(1);
            sums.users = sums.users.saturating_add(users);
            for (sum, of_media) in sums.media.iter_mut().zip(entry.record.media) {
                *sum = sum.plus(Amount::of(of_media));
            }
        }
        sums
    }

    /// The same as it is told (FTWIRE-19).
    pub fn network_stats(&mut self, now: Time) -> NetworkStats {
        let sums = self.sums(now);
        let written = |amount: Amount| MediaStats {
            files: u32::try_from(amount.files).unwrap_or(u32::MAX),
            size: StatsSize::from_bytes(amount.mib.saturating_mul(MIB)),
        };
        let MediaStats { files, size } = written(sums.all());
        NetworkStats {
            users: u32::try_from(sums.users).unwrap_or(u32::MAX),
            files,
            size,
            media: sums.media.map(written),
            networks: Networks::default(),
        }
    }

    /// Every supernode of the table, by its address.
    pub fn known(&self) -> impl Iterator<Item = Known> {
        self.vector.reached().filter_map(|(entry, route)| {
            let record = TableRecord {
                distance: route.distance,
                sequence: route.sequence.0,
                ..entry.record
            };
            Some(Known { record, by: self.slot_of(route.line)? })
        })
    }

    /// How many supernodes are in the table.
    pub fn known_len(&self) -> usize {
        self.vector.len()
    }

    /// How many are remembered, with those that are lost.
    pub fn remembered_len(&self) -> usize {
        self.vector.entries_len()
    }

    /// The nearest supernodes, the least busy ones first among equals, for a list of nodes: neighbours
    /// with 0 minutes (FTWIRE-14).
    pub fn nodes(&self, count_max: usize) -> Vec<Node> {
        let mut known: Vec<_> = self.vector.reached().collect();
        known.sort_by_key(|(entry, route)| (route.distance, entry.record.load));
        let nodes = known.into_iter().take(count_max);
        let nodes = nodes.map(|(entry, route)| Node {
            address: entry.record.address,
            minutes: u8::from(route.distance > 1),
            load: entry.record.load,
        });
        nodes.collect()
    }
}
