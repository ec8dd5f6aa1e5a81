use serde::Serialize;

/// What sort of file it is (FTWIRE-12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Media(pub u8);

impl Media {
    pub const UNKNOWN: Self = Self(0);
    pub const AUDIO: Self = Self(1);
    pub const VIDEO: Self = Self(2);
    pub const IMAGE: Self = Self(3);
    pub const DOCUMENT: Self = Self(4);
    pub const SOFTWARE: Self = Self(5);

    /// How many there are: so many numbers stand in tables and statistics.
    pub const COUNT: usize = 6;
}

/// Which media a search wants: a media type in the lower five bits (FTSEARCH-09).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Realm(pub u8);

impl Realm {
    /// Whatever there is.
    pub const EVERYTHING: Self = Self(0xbf);

    const MEDIA: u8 = 0x1f;
    const MARK: u8 = 0xa0;

    /// These media and no others, as Kazaa writes it.
    pub const fn of(media: Media) -> Self {
        Self(Self::MARK | media.0 & Self::MEDIA)
    }

    /// Whether files of these media are wanted.
    pub const fn wants(self, media: Media) -> bool {
        let wanted = self.0 & Self::MEDIA;
        wanted == Self::MEDIA || wanted == media.0
    }
}
