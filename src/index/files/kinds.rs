//! What kind of file one is, as the extension of its name says.

/// Kinds of files: those that are asked for, or those that one file is of. The bits are those of GGEP M
/// (GGEP-59).
///
/// LimeWire and gtk-gnutella take archives for programs of every system, and so do we.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kinds(u8);

/// The bits that say what is asked for. LimeWire and gtk-gnutella add one for torrents, which nothing of
/// ours is.
const ASKED: u32 = 0xfc;

impl Kinds {
    /// Music and speech.
    pub const AUDIO: Self = Self(0x04);
    /// Films.
    pub const VIDEO: Self = Self(0x08);
    /// What is read.
    pub const DOCUMENT: Self = Self(0x10);
    /// Pictures.
    pub const IMAGE: Self = Self(0x20);
    /// What runs on Windows, and archives.
    pub const WINDOWS_PROGRAM: Self = Self(0x40);
    /// What runs on Linux or on OS X, and archives.
    pub const UNIX_PROGRAM: Self = Self(0x80);
    /// Everything, of no known kind too: what is sought where nobody says a kind.
    pub const ALL: Self = Self(0xff);
    /// Of no kind that can be asked for.
    pub const OTHER: Self = Self(0x01);

    /// What GGEP M asks for. Zero is no wish; a kind that is not known finds nothing.
    pub fn asked(bits: u32) -> Self {
        if bits == 0 {
            return Self::ALL;
        }
        Self(u8::try_from(bits & ASKED).unwrap_or(0))
    }

    /// What a file is, as its name says: more than one kind, perhaps.
    pub fn of_name(name: &str) -> Self {
        let Some((_, extension)) = name.rsplit_once('.') else { return Self::OTHER };
        let mut lower = [0; EXTENSION_LEN_MAX];
        let Some(lower) = lower.get_mut(..extension.len()) else { return Self::OTHER };
        lower.copy_from_slice(extension.as_bytes());
        lower.make_ascii_lowercase();
        let place = TABLE.binary_search_by(|(known, _)| known.as_bytes().cmp(lower));
        place.ok().and_then(|place| TABLE.get(place)).map_or(Self::OTHER, |(_, kinds)| *kinds)
    }

    /// The bits of GGEP M, and the lowest one for what is of no known kind.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether there is a kind that both have.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Every kind that one of them has.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Bytes of the longest extension in the table.
const EXTENSION_LEN_MAX: usize = 8;

const AUDIO: Kinds = Kinds::AUDIO;
const VIDEO: Kinds = Kinds::VIDEO;
const DOCUMENT: Kinds = Kinds::DOCUMENT;
const IMAGE: Kinds = Kinds::IMAGE;
const WINDOWS: Kinds = Kinds::WINDOWS_PROGRAM;
const UNIX: Kinds = Kinds::UNIX_PROGRAM;
const ANY_SYSTEM: Kinds = WINDOWS.and(UNIX);
/// One container for both.
const AUDIO_OR_VIDEO: Kinds = AUDIO.and(VIDEO);
/// A picture that is printed.
const PRINT: Kinds = DOCUMENT.and(IMAGE);

/// The usual extensions, sorted.
#[rustfmt::skip]
const TABLE: &[(&str, Kinds)] = &[
    ("3g2", VIDEO), ("3gp", VIDEO), ("7z", ANY_SYSTEM), ("aac", AUDIO), ("abw", DOCUMENT),
    ("ac3", AUDIO), ("accdb", DOCUMENT), ("ace", ANY_SYSTEM), ("ai", PRINT), ("aif", AUDIO),
    ("aiff", AUDIO), ("amr", AUDIO), ("ape", AUDIO), ("apk", ANY_SYSTEM), ("app", UNIX),
    ("appimage", UNIX), ("arj", ANY_SYSTEM), ("arw", IMAGE), ("asc", DOCUMENT),
    ("asf", AUDIO_OR_VIDEO), ("asx", AUDIO_OR_VIDEO), ("au", AUDIO), ("aud", AUDIO), ("avi", VIDEO),
    ("avif", IMAGE), ("awk", UNIX), ("azw", DOCUMENT), ("azw3", DOCUMENT), ("bash", UNIX),
    ("bat", WINDOWS), ("bib", DOCUMENT), ("bin", ANY_SYSTEM), ("bmp", IMAGE), ("bz2", ANY_SYSTEM),
    ("cab", WINDOWS), ("caf", AUDIO), ("cbr", DOCUMENT), ("cbz", DOCUMENT), ("ccd", ANY_SYSTEM),
    ("cda", AUDIO), ("cdr", IMAGE), ("chm", DOCUMENT), ("cmd", WINDOWS), ("com", WINDOWS),
    ("cpl", WINDOWS), ("cr2", IMAGE), ("csh", UNIX), ("csv", DOCUMENT), ("cue", ANY_SYSTEM),
    ("cur", IMAGE), ("deb", UNIX), ("dib", IMAGE), ("divx", VIDEO), ("djv", DOCUMENT),
    ("djvu", DOCUMENT), ("dll", WINDOWS), ("dmg", UNIX), ("dng", IMAGE), ("doc", DOCUMENT),
    ("docm", DOCUMENT), ("docx", DOCUMENT), ("dot", DOCUMENT), ("dts", AUDIO), ("dv", VIDEO),
    ("dvi", DOCUMENT), ("dvx", VIDEO), ("emf", IMAGE), ("eml", DOCUMENT), ("eps", PRINT),
    ("epub", DOCUMENT), ("exe", WINDOWS), ("exif", IMAGE), ("f4v", VIDEO), ("fax", IMAGE),
    ("fb2", DOCUMENT), ("fits", IMAGE), ("fla", AUDIO), ("flac", AUDIO), ("flatpak", UNIX),
    ("flc", VIDEO), ("fli", VIDEO), ("flv", VIDEO), ("gif", IMAGE), ("gz", ANY_SYSTEM),
    ("gzip", ANY_SYSTEM), ("heic", IMAGE), ("heif", IMAGE), ("hlp", DOCUMENT), ("hqx", ANY_SYSTEM),
    ("htm", DOCUMENT), ("html", DOCUMENT), ("icb", IMAGE), ("ico", IMAGE), ("ief", IMAGE),
    ("iff", IMAGE), ("img", ANY_SYSTEM), ("info", DOCUMENT), ("ipa", UNIX), ("iso", ANY_SYSTEM),
    ("it", AUDIO), ("jar", ANY_SYSTEM), ("jfif", IMAGE), ("jif", IMAGE), ("jnlp", ANY_SYSTEM),
    ("jp2", IMAGE), ("jpe", IMAGE), ("jpeg", IMAGE), ("jpg", IMAGE), ("jpx", IMAGE), ("jxl", IMAGE),
    ("kar", AUDIO), ("kdc", IMAGE), ("ksh", UNIX), ("latex", DOCUMENT), ("lha", ANY_SYSTEM),
    ("lit", DOCUMENT), ("log", DOCUMENT), ("lqt", AUDIO), ("lrf", DOCUMENT), ("lwp", DOCUMENT),
    ("lyx", DOCUMENT), ("lz", ANY_SYSTEM), ("lz4", ANY_SYSTEM), ("lzh", ANY_SYSTEM),
    ("lzma", ANY_SYSTEM), ("m1v", VIDEO), ("m2p", VIDEO), ("m2ts", VIDEO), ("m2v", VIDEO),
    ("m4a", AUDIO), ("m4b", AUDIO), ("m4p", AUDIO), ("m4r", AUDIO), ("m4v", VIDEO),
    ("man", DOCUMENT), ("md", DOCUMENT), ("mdb", ANY_SYSTEM), ("mdf", ANY_SYSTEM),
    ("mds", ANY_SYSTEM), ("med", AUDIO), ("mht", DOCUMENT), ("mhtml", DOCUMENT), ("mid", AUDIO),
    ("midi", AUDIO), ("mka", AUDIO), ("mkv", VIDEO), ("mng", VIDEO), ("mobi", DOCUMENT),
    ("mod", AUDIO), ("mov", VIDEO), ("mp1", AUDIO), ("mp2", AUDIO), ("mp3", AUDIO), ("mp4", VIDEO),
    ("mpa", AUDIO), ("mpc", AUDIO), ("mpe", VIDEO), ("mpeg", VIDEO), ("mpg", VIDEO),
    ("mpga", AUDIO), ("mpv", VIDEO), ("msg", DOCUMENT), ("msi", WINDOWS), ("msix", WINDOWS),
    ("msp", WINDOWS), ("msu", WINDOWS), ("mts", VIDEO), ("nef", IMAGE), ("nfo", DOCUMENT),
    ("nrg", ANY_SYSTEM), ("nsi", WINDOWS), ("nsv", VIDEO), ("odg", DOCUMENT), ("odi", IMAGE),
    ("odp", DOCUMENT), ("ods", DOCUMENT), ("odt", DOCUMENT), ("oga", AUDIO), ("ogg", AUDIO),
    ("ogm", VIDEO), ("ogv", VIDEO), ("ogx", VIDEO), ("opus", AUDIO), ("orf", IMAGE),
    ("otp", DOCUMENT), ("ots", DOCUMENT), ("ott", DOCUMENT), ("pages", DOCUMENT), ("pam", IMAGE),
    ("pbm", IMAGE), ("pcd", IMAGE), ("pct", IMAGE), ("pcx", IMAGE), ("pdb", DOCUMENT),
    ("pdf", DOCUMENT), ("pgm", IMAGE), ("pic", IMAGE), ("pict", IMAGE), ("pif", WINDOWS),
    ("pkg", UNIX), ("pl", UNIX), ("png", IMAGE), ("pnm", IMAGE), ("pot", DOCUMENT), ("ppm", IMAGE),
    ("pps", DOCUMENT), ("ppsx", DOCUMENT), ("ppt", DOCUMENT), ("pptx", DOCUMENT), ("prc", DOCUMENT),
    ("ps", DOCUMENT), ("ps1", WINDOWS), ("psd", IMAGE), ("psp", IMAGE), ("pub", DOCUMENT),
    ("py", UNIX), ("qt", VIDEO), ("qtif", IMAGE), ("ra", AUDIO), ("raf", IMAGE), ("ram", AUDIO),
    ("rar", ANY_SYSTEM), ("ras", IMAGE), ("raw", IMAGE), ("rdf", DOCUMENT), ("reg", WINDOWS),
    ("rgb", IMAGE), ("rm", AUDIO_OR_VIDEO), ("rmi", AUDIO), ("rmvb", VIDEO), ("rpm", UNIX),
    ("rst", DOCUMENT), ("rtf", DOCUMENT), ("rtx", DOCUMENT), ("run", UNIX), ("rv", VIDEO),
    ("rw2", IMAGE), ("s3m", AUDIO), ("scr", WINDOWS), ("sdc", DOCUMENT), ("sdd", DOCUMENT),
    ("sdw", DOCUMENT), ("sgi", IMAGE), ("sh", UNIX), ("shar", UNIX), ("shn", AUDIO), ("sit", UNIX),
    ("sitx", UNIX), ("snap", UNIX), ("snd", AUDIO), ("so", UNIX), ("spx", AUDIO), ("srt", DOCUMENT),
    ("sub", DOCUMENT), ("svg", IMAGE), ("swf", VIDEO), ("sxc", DOCUMENT), ("sxi", DOCUMENT),
    ("sxw", DOCUMENT), ("sys", WINDOWS), ("tar", ANY_SYSTEM), ("taz", ANY_SYSTEM),
    ("tbz", ANY_SYSTEM), ("tbz2", ANY_SYSTEM), ("tex", DOCUMENT), ("texi", DOCUMENT),
    ("texinfo", DOCUMENT), ("tga", IMAGE), ("tgz", ANY_SYSTEM), ("tif", IMAGE), ("tiff", IMAGE),
    ("ts", VIDEO), ("tta", AUDIO), ("txt", DOCUMENT), ("txz", ANY_SYSTEM), ("vbs", WINDOWS),
    ("vfw", VIDEO), ("viv", VIDEO), ("vivo", VIDEO), ("vob", VIDEO), ("voc", AUDIO), ("vst", IMAGE),
    ("wav", AUDIO), ("wbmp", IMAGE), ("webm", VIDEO), ("webp", IMAGE), ("wks", DOCUMENT),
    ("wm", VIDEO), ("wma", AUDIO), ("wmf", IMAGE), ("wmv", VIDEO), ("wp", DOCUMENT),
    ("wpd", DOCUMENT), ("wps", DOCUMENT), ("wri", DOCUMENT), ("wv", AUDIO), ("wvx", VIDEO),
    ("xar", UNIX), ("xbm", IMAGE), ("xcf", IMAGE), ("xhtml", DOCUMENT), ("xls", DOCUMENT),
    ("xlsb", DOCUMENT), ("xlsm", DOCUMENT), ("xlsx", DOCUMENT), ("xm", AUDIO), ("xml", DOCUMENT),
    ("xpm", IMAGE), ("xps", DOCUMENT), ("xvid", VIDEO), ("xz", ANY_SYSTEM), ("z", ANY_SYSTEM),
    ("zip", ANY_SYSTEM), ("zipx", ANY_SYSTEM), ("zoo", ANY_SYSTEM), ("zst", ANY_SYSTEM),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_holds_no_longer_extension_than_it_says() {
        assert!(TABLE.is_sorted_by(|(one, _), (next, _)| one < next));
        assert_eq!(
            TABLE.iter().map(|(extension, _)| extension.len()).max(),
            Some(EXTENSION_LEN_MAX)
        );
    }

    #[test]
    fn the_extension_says_the_kind() {
        for (name, kinds) in [
            ("a song.mp3", AUDIO),
            ("A SONG.MP3", AUDIO),
            ("film.tar.mkv", VIDEO),
            ("paper.pdf", DOCUMENT),
            ("photo.Jpeg", IMAGE),
            ("setup.exe", WINDOWS),
            ("thing.deb", UNIX),
            ("thing.AppImage", UNIX),
            ("disk.zip", ANY_SYSTEM),
            ("mp3", Kinds::OTHER),
            ("a.torrent", Kinds::OTHER),
            ("a.", Kinds::OTHER),
            ("a.appimages", Kinds::OTHER),
            ("a.\u{212a}ar", Kinds::OTHER),
        ] {
            assert_eq!(Kinds::of_name(name), kinds, "{name}");
        }
    }

    /// GGEP-59
    #[test]
    fn what_is_asked_for_meets_what_is_there() {
        assert_eq!(Kinds::asked(0), Kinds::ALL);
        assert_eq!(Kinds::asked(0x0c), AUDIO.and(VIDEO));
        assert!(Kinds::ALL.meets(Kinds::OTHER) && Kinds::asked(0x0c).meets(VIDEO));
        assert!(!Kinds::asked(0xfc).meets(Kinds::OTHER) && !Kinds::asked(0x100).meets(Kinds::ALL));
        assert!(!AUDIO.meets(VIDEO) && WINDOWS.meets(ANY_SYSTEM));
    }
}
