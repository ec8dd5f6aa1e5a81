/// Which way a message goes. Some types say one thing up and another one down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// From an ordinary node to its supernode.
    Up,
    /// From a supernode to an ordinary node.
    Down,
    /// Between supernodes.
    Across,
}
