use crate::base::limits::{CACHES_OF_ANSWER_MAX, WEB_CACHE_HOSTS_MAX};
use crate::gnutella::bootstrap::{HostCacheName, Reply, WebCacheUrl, request};

/// The input is the body of a reply, and in turn each of its lines the name of a cache.
pub(super) fn web_cache(input: &[u8]) {
    if let Ok(reply) = Reply::read(200, input) {
        assert!(reply.hosts.len() <= WEB_CACHE_HOSTS_MAX, "too many hosts are taken");
        assert!(reply.caches.len() <= CACHES_OF_ANSWER_MAX, "too many caches are taken");
        reply.caches.iter().for_each(check_url);
        check_again(&reply);
    }
    for line in String::from_utf8_lossy(input).lines() {
        if let Ok(name) = line.parse::<HostCacheName>() {
            assert_eq!(name.to_string().parse().as_ref(), Ok(&name), "it reads as it is shown");
            assert_ne!(name.port(), 0);
        }
        if let Ok(url) = line.parse::<WebCacheUrl>() {
            check_url(&url);
        }
    }
}

/// What is taken from a reply is taken again from a list of it.
fn check_again(reply: &Reply) {
    let hosts = reply.hosts.iter().map(|host| format!("H|{host}|1\n"));
    let caches = reply.caches.iter().map(|cache| format!("{cache}\r\n"));
    let list: String = hosts.chain(caches).collect();
    let again = Reply::read(200, list.as_bytes()).expect("it is a list");
    assert_eq!((&again.hosts, &again.caches), (&reply.hosts, &reply.caches));
}

/// It reads as it is shown, and no request for it has anything in it that would end a line.
fn check_url(url: &WebCacheUrl) {
    assert_eq!(url.to_string().parse().as_ref(), Ok(url), "it reads as it is shown");
    let request = request(url);
    assert!(request.bytes().all(|byte| byte.is_ascii_graphic()), "{request:?}");
    assert_eq!(request.matches('?').count(), 1, "{request:?}");
}
