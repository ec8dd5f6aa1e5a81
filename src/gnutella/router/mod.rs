//! Flooding, duplicates, reverse paths.
