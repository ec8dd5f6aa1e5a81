use std::fmt::Write;
use std::net::SocketAddrV4;

use super::WebCacheUrl;
use crate::gnutella::wire::VendorCode;

/// The URL that asks a cache of either version for hosts (BOOT-07).
pub fn request(cache: &WebCacheUrl) -> String {
    finish(format!("{cache}?get=1&hostfile=1"))
}

/// The URL that tells a cache of a node, and of another cache that works (BOOT-14).
pub fn announcement(
    cache: &WebCacheUrl,
    node: SocketAddrV4,
    other: Option<&WebCacheUrl>,
) -> String {
    let mut url = format!("{cache}?update=1&ip=");
    encode(&node.to_string(), &mut url);
    if let Some(other) = other {
        url.push_str("&url=");
        encode(&other.to_string(), &mut url);
    }
    finish(url)
}

/// Which network, and who asks.
fn finish(mut url: String) -> String {
    url.push_str("&net=gnutella&client=");
    encode(&VendorCode::FILBERT.to_string(), &mut url);
    url.push_str("&version=");
    encode(env!("CARGO_PKG_VERSION"), &mut url);
    url
}

fn encode(value: &str, out: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _: Result<(), std::fmt::Error> = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> WebCacheUrl {
        text.parse().unwrap()
    }

    /// BOOT-07
    #[test]
    fn one_request_asks_caches_of_both_versions() {
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            request(&url("http://cache.example.net/gwc.php")),
            format!(
                "http://cache.example.net/gwc.php?get=1&hostfile=1&net=gnutella&client=FILB&version={version}"
            )
        );
    }

    /// BOOT-14
    #[test]
    fn an_announcement_has_who_we_are_and_another_cache() {
        let (cache, other) = (url("http://a.example.net/"), url("http://b.example.net/c%20d.php"));
        let node = "203.0.113.9:6346".parse().unwrap();
        let version = env!("CARGO_PKG_VERSION");
        let end = format!("&net=gnutella&client=FILB&version={version}");
        assert_eq!(
            announcement(&cache, node, Some(&other)),
            format!(
                "http://a.example.net/?update=1&ip=203.0.113.9%3A6346&url=http%3A%2F%2Fb.example.net%2Fc%2520d.php{end}"
            )
        );
        assert_eq!(
            announcement(&cache, node, None),
            format!("http://a.example.net/?update=1&ip=203.0.113.9%3A6346{end}")
        );
    }
}
