/// A tree in which the root has `degree` children, and every other node a parent and one child less,
/// as far as the nodes go.
pub(super) fn edges(nodes: u32, degree: u32) -> Vec<(u32, u32)> {
    let mut edges = Vec::new();
    let mut next = 1..nodes;
    for parent in 0..nodes {
        let children = if parent == 0 { degree } else { degree.saturating_sub(1).max(1) };
        edges.extend(next.by_ref().take(children as usize).map(|child| (parent, child)));
        if next.is_empty() {
            break;
        }
    }
    edges
}
