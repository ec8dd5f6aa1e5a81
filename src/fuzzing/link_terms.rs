use super::link_witness::Side;
use crate::gnutella::link::{Agreement, Capabilities, Profile, Role};

/// What an agreement has to say, told from the heads of the other side, from what we are, and from
/// the role that the node decided on.
pub(super) fn check_terms(
    agreement: &Agreement,
    side: Side,
    profile: &Profile,
    decided: Role,
    theirs: &[Capabilities],
) {
    let first = theirs.first().expect("the other side has sent a head");
    let last = theirs.last().expect("the other side has sent a head");
    let says = |said: fn(&Capabilities) -> bool| theirs.iter().any(said);
    // Who called as a leaf is one, however it was guided (HAND-70).
    let stays_leaf = side == Side::Connecting && profile.role.is_leaf();
    assert_eq!(agreement.role, if stays_leaf { Role::Leaf } else { decided });
    // False in a last head makes a leaf, and True makes no ultrapeer (HAND-66).
    let is_ultrapeer = first.ultrapeer == Some(true) && last.ultrapeer != Some(false);
    assert_eq!(agreement.peer_role, Role::from_ultrapeer(is_ultrapeer));
    assert_eq!(agreement.sends_deflate, profile.sends_deflate && first.accept_deflate);
    assert_eq!(agreement.receives_deflate, says(|head| head.content_deflate));
    assert_eq!(agreement.bye, says(|head| head.bye_packet.is_some()));
    assert_eq!(agreement.vendor_messages, says(|head| head.vendor_message.is_some()));
    // Each head of the other side plays along (HAND-49): it offers or takes, and it switches.
    let switches = first.upgrade_tls && last.connection_upgrade;
    assert_eq!(agreement.tls, profile.upgrades_to_tls && switches);
}
