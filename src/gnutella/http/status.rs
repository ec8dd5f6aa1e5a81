use std::fmt;

/// The number by which a response says what became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(pub u16);

impl Status {
    pub const OK: Self = Self(200);
    pub const ACCEPTED: Self = Self(202);
    pub const PARTIAL: Self = Self(206);
    pub const BAD_REQUEST: Self = Self(400);
    pub const FORBIDDEN: Self = Self(403);
    pub const NOT_FOUND: Self = Self(404);
    pub const METHOD_NOT_ALLOWED: Self = Self(405);
    pub const NOT_ACCEPTABLE: Self = Self(406);
    pub const GONE: Self = Self(410);
    pub const RANGE_NOT_SATISFIABLE: Self = Self(416);
    pub const TOO_MANY_REQUESTS: Self = Self(429);
    pub const HEAD_TOO_LARGE: Self = Self(431);
    pub const INTERNAL_ERROR: Self = Self(500);
    pub const NOT_IMPLEMENTED: Self = Self(501);
    pub const BUSY: Self = Self(503);
    pub const VERSION_NOT_SUPPORTED: Self = Self(505);

    /// What stands behind the number where nothing better is known.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::OK => "OK",
            Self::ACCEPTED => "Accepted",
            Self::PARTIAL => "Partial Content",
            Self::BAD_REQUEST => "Bad Request",
            Self::FORBIDDEN => "Forbidden",
            Self::NOT_FOUND => "Not Found",
            Self::METHOD_NOT_ALLOWED => "Method Not Allowed",
            Self::NOT_ACCEPTABLE => "Not Acceptable",
            Self::GONE => "Gone",
            Self::RANGE_NOT_SATISFIABLE => "Requested Range Not Satisfiable",
            Self::TOO_MANY_REQUESTS => "Too Many Requests",
            Self::HEAD_TOO_LARGE => "Request Header Fields Too Large",
            Self::INTERNAL_ERROR => "Internal Error",
            Self::NOT_IMPLEMENTED => "Not Implemented",
            Self::BUSY => "Service Unavailable",
            Self::VERSION_NOT_SUPPORTED => "HTTP Version Not Supported",
            _ => "Unknown",
        }
    }

    /// True where the body is what was asked for.
    pub const fn is_success(self) -> bool {
        matches!(self.0, 200..=299)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
