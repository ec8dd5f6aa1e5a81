/// What we call our network (FTLINK-17).
pub(super) const NETWORK: &str = "KaZaA";

/// The names that were seen: of Kazaa, iMesh, Grokster and Morpheus. Case does not count.
pub const NETWORKS: [&str; 4] = [NETWORK, "fileshare", "Grokster", "MusicCity"];

/// Behind a name.
pub(super) const END: u8 = 0;

/// True for a name that nothing but the right cipher gives (FTLINK-13).
pub(super) fn is_known(name: &str) -> bool {
    NETWORKS.iter().any(|known| known.eq_ignore_ascii_case(name))
}
