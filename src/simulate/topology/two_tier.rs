use super::super::graph::ratio;
use super::super::random::Lot;
use super::regular;

/// How many ultrapeers there are among so many nodes, so that each has its leaves.
pub(super) fn ultrapeers(nodes: u32, leaves: u32, parents: u32) -> u32 {
    let parents = u64::from(parents.max(1));
    let share = parents.saturating_add(u64::from(leaves));
    u32::try_from(ratio(u64::from(nodes), parents, share)).unwrap_or(nodes).max(1)
}

/// Ultrapeers first, in a regular graph; then leaves, with as many parents each, so that all
/// ultrapeers have equally many leaves.
pub(super) fn edges(
    nodes: u32,
    ultrapeers: u32,
    degree: u32,
    parents: u32,
    lot: &mut Lot,
) -> Vec<(u32, u32)> {
    let mut edges = regular::edges(ultrapeers, degree, lot);
    let mut order: Vec<u32> = (0..ultrapeers).collect();
    let mut turn = order.len();
    for leaf in ultrapeers..nodes {
        let mut taken: Vec<u32> = Vec::new();
        while taken.len() < parents.min(ultrapeers) as usize {
            // Every ultrapeer has its turn before one has a second one.
            if turn >= order.len() {
                lot.shuffle(&mut order);
                turn = 0;
            }
            let Some(&parent) = order.get(turn) else { break };
            turn = turn.saturating_add(1);
            if !taken.contains(&parent) {
                taken.push(parent);
            }
        }
        edges.extend(taken.into_iter().map(|parent| (parent, leaf)));
    }
    edges
}
