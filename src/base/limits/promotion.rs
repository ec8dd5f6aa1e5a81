//! What bounds promotion: how long, how often, how many.

/// Windows of traffic that are remembered. A rate counts when several of them reached it.
pub const CAPACITY_WINDOWS: usize = 8;

/// Supernodes of which it is remembered whether they have room for leaves: enough for a sample,
/// little enough for a leaf.
pub const NEED_VOICES_MAX: usize = 16;

/// Of these, those that one network may have told of: a third, so that no neighbour alone can
/// make it look as if supernodes were needed, or not.
pub const NEED_VOICES_A_TELLER_MAX: usize = 5;

/// Weight that what was heard must have before it counts: one refusal and one answer more, or five
/// that were only told.
pub const NEED_WEIGHT_MIN: u32 = 5;

/// Free leaf slots that one supernode is believed to have: as many as an ordinary one has in all.
pub const NEED_ROOM_A_VOICE_MAX: u32 = 100;

/// How many of them must be full before more are needed, whatever their share: so that one that
/// happens to be full does not call up everybody who is strong.
pub const NEED_FULL_MIN: u8 = 3;

/// Milliseconds between two newcomers that are tried although all slots are taken (UP-11): a neighbour
/// that is of little use is borne rather than that slots go round among those who are of none.
pub const TRIAL_EVERY_MS: u64 = 60_000;
