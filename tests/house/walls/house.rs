//! The plan of the house: which rooms there are, and who may import whom.

/// Every room and its floor. Imports run downwards only, and may pass floors by.
const ROOMS: &[(&str, u8)] = &[
    ("base", 1),
    ("control", 1),
    ("specification", 1),
    ("index", 2),
    ("promotion", 2),
    ("fasttrack", 3),
    ("gnutella", 3),
    ("library", 3),
    ("dissect", 4),
    ("node", 4),
    ("transfer", 4),
    ("conform", 5),
    ("runtime", 5),
    ("simulate", 5),
    ("cli", 6),
    // The bodies of the fuzz targets reach everything below the top floor, and nobody needs them.
    ("fuzzing", 6),
];

/// The wings, and the module that is the face of each. Inside: wire <- link <- rules <- face.
const WINGS: &[(&str, &str)] = &[("gnutella", "servent"), ("fasttrack", "peer")];

/// Where sockets, files, clocks and tasks may be: whole rooms, or one module of a room.
const OPEN_TO_THE_WORLD: &[&[&str]] = &[
    &["runtime"],
    &["control"],
    &["cli"],
    &["conform", "tcp_subject"],
    &["library", "scan"],
    &["library", "read_file"],
];

/// Crates whose names betray sockets or tasks, with all that starts with their name and `_`.
const WORLDLY_CRATES: &[&str] = &["tokio", "socket2"];

/// Modules of the standard library, anything in which is a file, a socket or a clock.
const WORLDLY_MODULES: &[&[&str]] =
    &[&["std", "fs"], &["std", "*"], &["std", "net", "*"], &["std", "time", "*"]];

/// Types of sockets and clocks.
const WORLDLY_TYPES: &[&str] = &[
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "UnixStream",
    "UnixListener",
    "UnixDatagram",
    "Instant",
    "SystemTime",
    "UNIX_EPOCH",
];

/// The floor of a room, if there is such a room.
pub(crate) fn floor(room: &str) -> Option<u8> {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

/// True for a room no part of which may touch the world; it has to deny the lints that say so.
pub(crate) fn is_sans_io(room: &str) -> bool {
    room != "fuzzing" && !OPEN_TO_THE_WORLD.iter().any(|open| open.first() == Some(&room))
}

/// What is wrong with `from` importing `to`, both of which are paths from the root of the crate.
pub(crate) fn crossing(from: &[String], to: &[String]) -> Option<String> {
    // The roots, lib.rs and main.rs, see everything.
    let from_room = from.first()?;
    let Some(to_room) = to.first().filter(|name| *name != "*") else {
        return Some(format!("{from_room} imports the whole crate"));
    };
    let Some(to_floor) = floor(to_room) else {
        return Some(format!("{from_room} imports crate::{to_room}, which is no room of the plan"));
    };
    if from_room == to_room {
        return wing_crossing(from, to);
    }
    // Whoever has no floor is reported as such.
    let from_floor = floor(from_room)?;
    (to_floor >= from_floor).then(|| {
        format!("{from_room} (floor {from_floor}) imports {to_room} (floor {to_floor}); imports run downwards")
    })
}

/// What is wrong with `from` naming `path` of another crate.
pub(crate) fn outside_crossing(from: &[String], path: &[String]) -> Option<String> {
    let is_open = from.is_empty() || OPEN_TO_THE_WORLD.iter().any(|open| starts_with(from, open));
    if is_open {
        return None;
    }
    let is_worldly = path.first().is_some_and(|name| is_worldly_crate(name))
        || WORLDLY_MODULES.iter().any(|module| starts_with(path, module))
        || path.iter().any(|name| WORLDLY_TYPES.contains(&name.as_str()));
    is_worldly.then(|| {
        format!(
            "{} uses {}: sockets, files, clocks and tasks live elsewhere",
            from.join("::"),
            path.join("::")
        )
    })
}

fn is_worldly_crate(name: &str) -> bool {
    WORLDLY_CRATES.iter().any(|worldly| {
        name.strip_prefix(worldly).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    })
}

fn starts_with(path: &[String], start: &[&str]) -> bool {
    path.len() >= start.len() && path.iter().zip(start).all(|(name, wanted)| name == wanted)
}

fn wing_crossing(from: &[String], to: &[String]) -> Option<String> {
    let (wing, face) = WINGS.iter().find(|(wing, _)| *wing == from[0])?;
    let (from, to) = (Layer::of(from.get(1), face), Layer::of(to.get(1), face));
    (to > from)
        .then(|| format!("inside {wing}, {from:?} imports {to:?}; wire <- link <- rules <- face"))
}

/// The layers of a wing, the lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    Wire,
    Link,
    Rules,
    Face,
}

impl Layer {
    /// The layer of what the wing's mod.rs declares as `name`; it belongs to the face itself, and
    /// so do the types that it hands out.
    fn of(name: Option<&String>, face: &str) -> Self {
        match name.map(String::as_str) {
            None | Some("*") => Self::Face,
            Some("wire") => Self::Wire,
            Some("link") => Self::Link,
            Some(name) if name == face || name.starts_with(char::is_uppercase) => Self::Face,
            Some(_) => Self::Rules,
        }
    }
}
