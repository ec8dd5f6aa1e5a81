use std::path::{Component, Path};

use super::invariants::check_display;
use crate::base::file_name::SafeName;
use crate::base::limits::{FILE_NAME_LEN_MAX, MAGNET_FILES_MAX, MAGNET_ITEMS_MAX, MAGNET_LEN_MAX};
use crate::base::magnet::Magnet;

/// A link, which is also the name that a stranger suggests.
pub(super) fn magnet(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    check_name(&SafeName::from_remote(&text));
    let Some(files) = Magnet::parse(&text) else { return };
    assert!(!files.is_empty() && files.len() <= MAGNET_FILES_MAX, "{} files", files.len());
    files.iter().for_each(check_file);
    let link = Magnet::link_to(&files);
    assert!(link.bytes().all(|byte| byte.is_ascii_graphic()), "{link:?}");
    if link.len() <= MAGNET_LEN_MAX {
        assert_eq!(Magnet::parse(&link), Some(files), "{link}");
    }
}

fn check_file(file: &Magnet) {
    assert!(!file.is_empty());
    let lengths = [file.urns.len(), file.sources.len(), file.trackers.len()];
    // One more where the sources name the content.
    assert!(lengths.into_iter().all(|len| len <= MAGNET_ITEMS_MAX + 1), "{lengths:?}");
    file.name.iter().for_each(check_name);
    file.keywords.iter().chain(&file.trackers).for_each(check_display);
    file.sources.iter().for_each(check_display);
}

/// It is one name on every disk.
pub(super) fn check_name(name: &SafeName) {
    let components: Vec<_> = AsRef::<Path>::as_ref(name).components().collect();
    assert!(matches!(components.as_slice(), [Component::Normal(_)]), "{name:?}");
    assert!(name.as_str().len() <= FILE_NAME_LEN_MAX, "{name:?}");
    assert!(!name.as_str().contains(['/', '\\', ':', '\0']), "{name:?}");
    assert!(!name.as_str().starts_with('.'), "{name:?}");
    check_display(name);
    assert_eq!(&SafeName::from_remote(name.as_str()), name, "it stays as it is");
}
