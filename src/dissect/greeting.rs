use super::record::Greeting;
use crate::base::error::Faults;
use crate::base::limits::HEAD_LINE_LEN_MAX;
use crate::gnutella::link::Head;

/// A head together with those of its lines in `bytes` that say nothing.
pub(super) fn greeting(head: Head, bytes: &[u8]) -> Greeting {
    let mut passed_over = Faults::new();
    head.inspect(&mut passed_over);
    let offsets = passed_over.as_slice().iter().map(|fault| fault.offset);
    let lines = offsets.map(|offset| line_at(bytes, offset)).collect();
    Greeting { head, passed_over: lines }
}

/// What can be told of a head that cannot be read: its first line.
pub(super) fn cut_head(bytes: &[u8]) -> Greeting {
    let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let line = line.get(..HEAD_LINE_LEN_MAX).unwrap_or(line);
    let head = Head::new(String::from_utf8_lossy(line.trim_ascii_end()));
    Greeting { head, passed_over: Vec::new() }
}

/// The line that begins at `offset`, with those that continue it. One that would continue another
/// has none.
fn line_at(bytes: &[u8], offset: usize) -> String {
    let mut lines = bytes.get(offset..).unwrap_or_default().split_inclusive(|&byte| byte == b'\n');
    let mut whole = lines.next().unwrap_or_default().to_vec();
    let is_continued = !is_continuation(&whole);
    for line in lines.take_while(|line| is_continued && is_continuation(line)) {
        whole.extend_from_slice(line);
    }
    String::from_utf8_lossy(whole.trim_ascii_end()).into_owned()
}

fn is_continuation(line: &[u8]) -> bool {
    line.starts_with(b" ") || line.starts_with(b"\t")
}
