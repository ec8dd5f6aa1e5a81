//! How a web cache is read.

use std::time::Duration;

use filbert::base::limits::{WEB_CACHE_REDIRECTS_MAX, WEB_CACHE_REPLY_LEN_MAX};
use filbert::runtime::bootstrap::{Answer, Fetched, Web};

use super::scene::{PATIENCE, WebCache, answer, redirect};

fn reader() -> Web {
    Web { user_agent: "Filbert/test".into(), allow_private: true, timeout: PATIENCE }
}

fn body_of(fetched: Fetched) -> (u16, String) {
    let Fetched::Answer(Answer { status, body, from }) = fetched else { panic!("{fetched:?}") };
    assert!(from.is_loopback());
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// BOOT-07
#[tokio::test]
async fn a_request_says_who_asks_and_an_answer_is_read_to_its_end() {
    let cache = WebCache::start(|_| answer("200 OK", "1.2.3.4:6346\n")).await;
    let fetched = reader().get(&cache.url("/gwc.php?get=1&net=gnutella")).await;
    assert_eq!(body_of(fetched), (200, "1.2.3.4:6346\n".into()));
    let head = cache.heads().remove(0);
    let line = head.lines().next().unwrap();
    assert_eq!(line, "GET /gwc.php?get=1&net=gnutella HTTP/1.1");
    let head = head.to_lowercase();
    assert!(head.contains("user-agent: filbert/test\r\n"), "{head}");
    assert!(head.contains(&format!("host: {}\r\n", cache.address)), "{head}");
}

#[tokio::test]
async fn answers_of_old_and_odd_servers_are_read() {
    for (raw, body) in [
        ("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n1.2.3.4:1\n", "1.2.3.4:1\n"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n1.2.3\r\n5\r\n.4:1\n\r\n0\r\n\r\n",
            "1.2.3.4:1\n",
        ),
        ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", ""),
    ] {
        let cache = WebCache::start(move |_| raw.into()).await;
        assert_eq!(body_of(reader().get(&cache.url("/")).await), (200, body.into()));
    }
    let cache = WebCache::start(|_| answer("503 Network not accepted", "no")).await;
    assert_eq!(body_of(reader().get(&cache.url("/")).await).0, 503);
}

/// BOOT-11
#[tokio::test]
async fn redirections_are_followed_so_often_and_not_once_more() {
    let hops_left = |head: &str| {
        let target = head.split(' ').nth(1).unwrap();
        target.trim_start_matches('/').parse::<u8>().unwrap()
    };
    let cache = WebCache::start(move |head| match hops_left(head) {
        0 => answer("200 OK", "here"),
        left => redirect(&format!("/{}", left - 1)),
    })
    .await;
    let at_most = reader().get(&cache.url(&format!("/{WEB_CACHE_REDIRECTS_MAX}"))).await;
    assert_eq!(body_of(at_most), (200, "here".into()));
    let too_often = reader().get(&cache.url(&format!("/{}", WEB_CACHE_REDIRECTS_MAX + 1))).await;
    assert_eq!(too_often, Fetched::Nothing);
}

/// BOOT-11
#[tokio::test]
async fn a_redirection_leads_to_another_host_and_to_http_only() {
    let other = WebCache::start(|_| answer("200 OK", "there")).await;
    let there = other.url("/list?a=b");
    let cache = WebCache::start(move |_| redirect(&there)).await;
    assert_eq!(body_of(reader().get(&cache.url("/")).await), (200, "there".into()));
    assert!(other.heads()[0].starts_with("GET /list?a=b HTTP/1.1\r\n"));
    for elsewhere in ["https://127.0.0.1/", "ftp://127.0.0.1/", "//127.0.0.1/", "", "\u{1}"] {
        let cache = WebCache::start(move |_| redirect(elsewhere)).await;
        assert_eq!(reader().get(&cache.url("/")).await, Fetched::Nothing, "{elsewhere}");
    }
}

#[tokio::test]
async fn an_answer_has_so_many_bytes_and_not_one_more() {
    for (len, is_read) in [(WEB_CACHE_REPLY_LEN_MAX, true), (WEB_CACHE_REPLY_LEN_MAX + 1, false)] {
        let cache = WebCache::start(move |_| answer("200 OK", &"x".repeat(len))).await;
        let fetched = reader().get(&cache.url("/")).await;
        assert_eq!(fetched != Fetched::Nothing, is_read, "{len}");
        // Nor without a promise of how many there are.
        let cache = WebCache::start(move |_| {
            [b"HTTP/1.0 200 OK\r\n\r\n".to_vec(), vec![b'x'; len]].concat()
        })
        .await;
        let fetched = reader().get(&cache.url("/")).await;
        assert_eq!(fetched != Fetched::Nothing, is_read, "{len}");
    }
}

#[tokio::test]
async fn whoever_does_not_answer_in_time_or_not_by_http_has_not_answered() {
    let silent = WebCache::start(|_| Vec::new()).await;
    let hasty = Web { timeout: Duration::from_millis(200), ..reader() };
    assert_eq!(hasty.get(&silent.url("/")).await, Fetched::Nothing);
    let garbage = WebCache::start(|_| b"GNUTELLA/0.6 200 OK\r\n\r\n".to_vec()).await;
    assert_eq!(reader().get(&garbage.url("/")).await, Fetched::Nothing);
    let endless =
        WebCache::start(|_| [b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'x'; 1_000_000]].concat())
            .await;
    assert_eq!(reader().get(&endless.url("/")).await, Fetched::Nothing);
    let closed = silent.url("/");
    drop(silent);
    assert_eq!(hasty.get(&closed).await, Fetched::Nothing);
}

#[tokio::test]
async fn private_addresses_are_not_asked_unless_the_user_wants_it() {
    let cache = WebCache::start(|_| answer("200 OK", "secret")).await;
    let outside = Web { allow_private: false, ..reader() };
    assert_eq!(outside.get(&cache.url("/")).await, Fetched::Nothing);
    let by_name = format!("http://localhost:{}/", cache.address.port());
    assert_eq!(outside.get(&by_name).await, Fetched::Nothing);
    assert_eq!(cache.heads(), [""; 0]);
}

#[tokio::test]
async fn what_is_no_url_of_http_is_not_asked() {
    for url in ["", "/", "https://127.0.0.1:1/", "http://", "127.0.0.1:1", "http://[::1"] {
        assert_eq!(reader().get(url).await, Fetched::Nothing, "{url}");
    }
}
