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

/// Leaves that were turned away for want of a slot, of which a supernode remembers when that was
/// (UP-17): as many as call in vain while a crowd of them looks for others.
pub const TURNED_AWAY_MAX: usize = 256;

/// Milliseconds that have to pass before one of them counts as having come again: time enough to call
/// all others.
pub const COME_AGAIN_MIN_MS: u64 = 10_000;

/// Milliseconds after which one that comes may just be looking for a further supernode (HAND-62).
pub const COME_AGAIN_MAX_MS: u64 = 90_000;

/// So many supernodes in a row have no slot for a leaf before it takes slots for scarce (UP-18): where
/// one in two has none, that comes about once in a thousand times.
pub const REBUFFS_MIN: u8 = 10;

/// Milliseconds for which the leaf then seeks no second supernode: by then everybody who was in a hurry
/// has called all others twice.
pub const CONTENT_MS: u64 = 30_000;
