/// Ultrapeers that a query reaches through a neighbour: the neighbour itself, `degree - 1` behind
/// it, as many behind each of those, for as many links as the TTL lasts (DQ-04).
///
/// Exact where no two paths meet and all have the same degree. The sum is that of the formula of
/// the proposal: its own examples are 1,024 for degree 32 and TTL 3, where the sum is 993, and
/// 23,436 for degree 6 and TTL 7, where it is 19,531.
///
/// ```
/// use filbert::gnutella::dynamic_query::reach;
///
/// assert_eq!(reach(32, 3), 1 + 31 + 31 * 31);
/// ```
pub const fn reach(degree: u32, ttl: u8) -> u64 {
    let behind = degree.saturating_sub(1) as u64;
    let (mut hosts, mut ring, mut hop) = (0_u64, 1_u64, 0);
    while hop < ttl {
        hosts = hosts.saturating_add(ring);
        ring = ring.saturating_mul(behind);
        hop = hop.saturating_add(1);
    }
    hosts
}
