//! Messages in a few words, for whoever reads what came in place of what was expected.

use serde_json::Value;

/// Messages that are named one by one.
const NAMED_MAX: usize = 4;

/// Fields that tell one message from another.
const TELLING: [&str; 16] = [
    "ttl",
    "hops",
    "status",
    "message",
    "code",
    "reason",
    "text",
    "variant",
    "slots",
    "port",
    "address",
    "files",
    "start",
    "unreadable",
    "why",
    "len",
];

/// One message.
pub(super) fn shown(message: &Value) -> String {
    let kind = message.get("type").and_then(Value::as_str).unwrap_or("message");
    let fields = TELLING.iter().filter_map(|name| Some(format!(" {name}={}", message.get(*name)?)));
    let mut shown = kind.to_owned();
    shown.extend(fields);
    match shown.char_indices().nth(200) {
        Some((at, _)) => format!("{}…", shown.get(..at).unwrap_or("")),
        None => shown,
    }
}

/// All that came, or that nothing did.
pub(super) fn all_shown(messages: &[Value], is_over: bool) -> String {
    let end = if is_over { ", and the connection is closed" } else { "" };
    if messages.is_empty() {
        return if is_over { "it closes the connection" } else { "nothing comes" }.to_owned();
    }
    let named: Vec<_> = messages.iter().take(NAMED_MAX).map(shown).collect();
    let more = match messages.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("what comes is {}{more}{end}", named.join("; "))
}
