use std::fs;
use std::net::Ipv4Addr;

/// Where Linux shows its routes for IPv4. Elsewhere only UPnP finds the router.
const ROUTES: &str = "/proc/net/route";

/// The flag of a route that leads over a router.
const IS_ROUTER: u32 = 2;

/// The router over which the system reaches the Internet.
pub(super) fn router() -> Option<Ipv4Addr> {
    default_router(&fs::read_to_string(ROUTES).ok()?)
}

/// The router of the route for everything that is preferred to the others, by the table of Linux.
fn default_router(table: &str) -> Option<Ipv4Addr> {
    let routes = table.lines().skip(1).filter_map(route_for_everything);
    routes.min_by_key(|(metric, _)| *metric).map(|(_, router)| router)
}

/// Columns: interface, destination, router, flags, references, use, metric, mask, and more.
fn route_for_everything(line: &str) -> Option<(u32, Ipv4Addr)> {
    let columns: Vec<&str> = line.split_ascii_whitespace().collect();
    let [_, destination, router, flags, _, _, metric, mask, ..] = *columns else { return None };
    let hex = |digits| u32::from_str_radix(digits, 16).ok();
    let is_router = hex(flags)? & IS_ROUTER != 0;
    let is_for_everything = hex(destination)? == 0 && hex(mask)? == 0 && is_router;
    // The kernel writes the bytes of an address as a number of this machine.
    let router = Ipv4Addr::from(hex(router)?.to_ne_bytes());
    is_for_everything.then_some((metric.parse().ok()?, router))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";

    fn line(router: [u8; 4], flags: &str, metric: u32, mask: &str) -> String {
        let router = u32::from_ne_bytes(router);
        format!("eth0\t00000000\t{router:08X}\t{flags}\t0\t0\t{metric}\t{mask}\t0\t0\t0\n")
    }

    #[test]
    fn the_router_of_the_preferred_route_is_taken() {
        let table = [
            HEAD,
            &line([192, 168, 1, 1], "0003", 600, "00000000"),
            &line([10, 0, 0, 1], "0003", 100, "00000000"),
            // No router, and no route for everything.
            &line([10, 0, 0, 2], "0001", 50, "00000000"),
            &line([10, 0, 0, 3], "0003", 10, "00FFFFFF"),
        ];
        assert_eq!(default_router(&table.concat()), Some(Ipv4Addr::new(10, 0, 0, 1)));
    }

    #[test]
    fn a_machine_without_a_route_has_no_router() {
        for table in ["", HEAD, "Iface\nnonsense\n", "Iface\neth0 0 0 3 0 0 x 0\n"] {
            assert_eq!(default_router(table), None, "{table}");
        }
    }
}
