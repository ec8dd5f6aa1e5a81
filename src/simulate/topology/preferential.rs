use super::super::random::Lot;
use super::super::scale::Thousandths;

/// Each node that comes connects to others, and is the likelier to pick one the more neighbours that
/// one has. The mean number of neighbours is `degree`.
pub(super) fn edges(nodes: u32, degree: Thousandths, lot: &mut Lot) -> Vec<(u32, u32)> {
    // Each edge counts for both of its ends.
    let links = u64::from(degree.thousandths()) / 2;
    let (mut edges, mut ends) = (Vec::new(), vec![0]);
    let mut owed = 0_u64;
    for node in 1..nodes {
        owed = owed.saturating_add(links);
        let wanted = (owed / 1_000).clamp(1, u64::from(node));
        owed = owed.saturating_sub(wanted.saturating_mul(1_000));
        let mut taken: Vec<u32> = Vec::new();
        while (taken.len() as u64) < wanted {
            let Some(&target) = lot.choose(&ends) else { break };
            if !taken.contains(&target) {
                taken.push(target);
            }
        }
        for target in taken {
            edges.push((target, node));
            ends.extend([target, node]);
        }
    }
    edges
}
