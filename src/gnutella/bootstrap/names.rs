use serde::Deserialize;
use thiserror::Error;

use super::{HostCacheName, NoHostCache, NoWebCache, WebCacheUrl};

/// The caches that are asked, by the word of the user or of this program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    pub udp: Vec<HostCacheName>,
    pub web: Vec<WebCacheUrl>,
}

/// Why a list of names cannot be used.
#[derive(Debug, Error)]
pub enum Unusable {
    #[error("the list of caches does not follow its schema")]
    Schema(#[from] Box<toml::de::Error>),
    #[error("{name:?} is no UDP host cache: {why}")]
    HostCache { name: String, why: NoHostCache },
    #[error("{url:?} is no web cache: {why}")]
    WebCache { url: String, why: NoWebCache },
}

impl Names {
    /// Those that come with the program: `names.toml`, which says where each of them is from.
    pub fn built_in() -> Result<Self, Unusable> {
        let file: File = toml::from_str(include_str!("names.toml")).map_err(Box::new)?;
        let udp: Vec<_> = file.udp.into_iter().map(|entry| entry.name).collect();
        let web: Vec<_> = file.web.into_iter().map(|entry| entry.url).collect();
        Self::parse(&udp, &web)
    }

    /// Those that somebody has written down.
    pub fn parse(udp: &[String], web: &[String]) -> Result<Self, Unusable> {
        let host_cache = |name: &String| {
            name.parse().map_err(|why| Unusable::HostCache { name: name.clone(), why })
        };
        let web_cache =
            |url: &String| url.parse().map_err(|why| Unusable::WebCache { url: url.clone(), why });
        Ok(Self {
            udp: udp.iter().map(host_cache).collect::<Result<_, _>>()?,
            web: web.iter().map(web_cache).collect::<Result<_, _>>()?,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    udp: Vec<UdpEntry>,
    web: Vec<WebEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UdpEntry {
    name: String,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WebEntry {
    url: String,
    #[serde(rename = "source")]
    _source: String,
}
