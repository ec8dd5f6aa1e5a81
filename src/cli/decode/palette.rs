use anstyle::{AnsiColor, Style};

use crate::dissect::Kind;

/// The colours of the output; without colour all of them are plain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Palette {
    has_color: bool,
}

impl Palette {
    pub(super) const fn new(has_color: bool) -> Self {
        Self { has_color }
    }

    /// Times, ports, numbers: there when wanted.
    pub(super) const fn quiet(self) -> Style {
        self.only_in_color(Style::new().dimmed())
    }

    /// Headings.
    pub(super) const fn strong(self) -> Style {
        self.only_in_color(Style::new().bold())
    }

    /// What breaks a requirement.
    pub(super) const fn broken(self) -> Style {
        self.only_in_color(AnsiColor::BrightRed.on_default().bold())
    }

    /// Each type in the colour of its purpose.
    pub(super) const fn kind(self, kind: Kind) -> Style {
        self.only_in_color(match kind {
            Kind::Handshake => AnsiColor::Cyan.on_default().bold(),
            Kind::Query => AnsiColor::Yellow.on_default(),
            Kind::QueryHit => AnsiColor::Green.on_default(),
            Kind::Push | Kind::Http => AnsiColor::Magenta.on_default(),
            Kind::Ping | Kind::Pong => AnsiColor::Blue.on_default(),
            Kind::QueryTable | Kind::Vendor | Kind::Hsep => AnsiColor::Cyan.on_default(),
            Kind::Bye => AnsiColor::Yellow.on_default().bold(),
            Kind::Tls | Kind::Unknown => Style::new().dimmed(),
        })
    }

    const fn only_in_color(self, style: Style) -> Style {
        if self.has_color { style } else { Style::new() }
    }
}
