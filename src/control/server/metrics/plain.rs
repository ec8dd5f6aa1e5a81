//! The older form of the text, for whoever does not ask for OpenMetrics.

/// Turns OpenMetrics into version 0.0.4 of the format of Prometheus: there the name of a counter has its
/// `_total` where it is described too, what is known once is a gauge, and units and the end are not said.
pub(super) fn plain(openmetrics: &str) -> String {
    let mut text = String::with_capacity(openmetrics.len());
    let mut help = "";
    for line in openmetrics.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            help = rest;
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            describe(&mut text, help, rest);
        } else if !line.starts_with('#') {
            push_line(&mut text, &[line]);
        }
    }
    text
}

/// `help` and `kind` begin with the name.
fn describe(text: &mut String, help: &str, kind: &str) {
    let (name, kind) = kind.split_once(' ').unwrap_or((kind, "untyped"));
    let words = help.split_once(' ').map_or("", |(_, words)| words);
    let (suffix, kind) = match kind {
        "counter" => ("_total", kind),
        "info" => ("_info", "gauge"),
        _ => ("", kind),
    };
    push_line(text, &["# HELP ", name, suffix, " ", words]);
    push_line(text, &["# TYPE ", name, suffix, " ", kind]);
}

fn push_line(text: &mut String, parts: &[&str]) {
    text.extend(parts.iter().copied());
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_kinds_are_those_of_the_older_form() {
        let openmetrics = "\
            # HELP a_bytes What is sent.\n\
            # TYPE a_bytes counter\n\
            # UNIT a_bytes bytes\n\
            a_bytes_total{to=\"# TYPE b\"} 5\n\
            # HELP build Which it is.\n\
            # TYPE build info\n\
            build_info{version=\"1\"} 1\n\
            # HELP hosts Those known.\n\
            # TYPE hosts gauge\n\
            hosts 7\n\
            # EOF\n";
        let expected = "\
            # HELP a_bytes_total What is sent.\n\
            # TYPE a_bytes_total counter\n\
            a_bytes_total{to=\"# TYPE b\"} 5\n\
            # HELP build_info Which it is.\n\
            # TYPE build_info gauge\n\
            build_info{version=\"1\"} 1\n\
            # HELP hosts Those known.\n\
            # TYPE hosts gauge\n\
            hosts 7\n";
        assert_eq!(plain(openmetrics), expected);
    }
}
