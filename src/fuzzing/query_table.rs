use super::messages::check_payload;
use super::query_table_stream::check_stream;
use super::splitter::Splitter;
use crate::gnutella::wire::Function;

/// An even first byte: the others are the payload of one message. An odd one: they say what a link
/// sends about its table.
pub(super) fn query_table(input: &[u8]) {
    let mut splitter = Splitter::new(input);
    match splitter.choose(&[false, true]) {
        false => drop(check_payload(Function::QUERY_TABLE, splitter.rest())),
        true => check_stream(splitter),
    }
}
