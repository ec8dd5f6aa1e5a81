//! A router that speaks UPnP.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{Asked, OUTSIDE};

/// What stands here for a port that is never to be taken back; in the language of routers that is 0.
pub(super) const FOR_GOOD: u32 = u32::MAX;

const SERVICE: &str = "urn:schemas-upnp-org:service:WANIPConnection:1";

/// Where it is sought, and what it was asked for.
pub(super) async fn start(
    ip: Ipv4Addr,
    only_for_good: bool,
) -> (SocketAddr, UnboundedReceiver<Asked>) {
    let search = UdpSocket::bind((ip, 0)).await.unwrap();
    let listener = TcpListener::bind((ip, 0)).await.unwrap();
    let (place, web) = (search.local_addr().unwrap(), listener.local_addr().unwrap());
    let (sender, asked) = unbounded_channel();
    tokio::spawn(async move {
        let mut buffer = [0; 2_048];
        loop {
            let (len, from) = search.recv_from(&mut buffer).await.unwrap();
            assert!(buffer[..len].starts_with(b"M-SEARCH * HTTP/1.1"));
            let answer = format!("HTTP/1.1 200 OK\r\nLOCATION: http://{web}/root.xml\r\n\r\n");
            search.send_to(answer.as_bytes(), from).await.unwrap();
        }
    });
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(stream, only_for_good, sender.clone()));
        }
    });
    (place, asked)
}

async fn serve(mut stream: TcpStream, only_for_good: bool, sender: UnboundedSender<Asked>) {
    let request = read(&mut stream).await;
    let (status, body) = if request.starts_with("GET /root.xml") {
        ("200 OK", ROOT.replace("SERVICE", SERVICE))
    } else if request.starts_with("GET /schema.xml") {
        ("200 OK", schema())
    } else {
        act(&request, only_for_good, &sender)
    };
    let len = body.len();
    let answer =
        format!("HTTP/1.1 {status}\r\nContent-Length: {len}\r\nConnection: close\r\n\r\n{body}");
    stream.write_all(answer.as_bytes()).await.unwrap();
}

async fn read(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    loop {
        let mut buffer = [0; 2_048];
        let len = stream.read(&mut buffer).await.unwrap();
        text.push_str(std::str::from_utf8(&buffer[..len]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
        };
        let wanted: usize = head.lines().find_map(header).unwrap_or(0);
        if len == 0 || body.len() >= wanted {
            return text;
        }
    }
}

fn act(
    request: &str,
    only_for_good: bool,
    sender: &UnboundedSender<Asked>,
) -> (&'static str, String) {
    let field = |name: &str| {
        let (_, rest) = request.split_once(&format!("<{name}>"))?;
        Some(rest.split_once('<')?.0.to_owned())
    };
    if request.contains("GetExternalIPAddress") {
        let ip = format!("<NewExternalIPAddress>{OUTSIDE}</NewExternalIPAddress>");
        return ("200 OK", answer("GetExternalIPAddress", &ip));
    }
    let is_tcp = field("NewProtocol").unwrap() == "TCP";
    let port = field("NewExternalPort").unwrap().parse().unwrap();
    if request.contains("DeletePortMapping") {
        let _ = sender.send(Asked { is_tcp, port, lease_s: 0 });
        return ("200 OK", answer("DeletePortMapping", ""));
    }
    let lease_s: u32 = field("NewLeaseDuration").unwrap().parse().unwrap();
    if only_for_good && lease_s != 0 {
        let fault = "<s:Fault><detail><UPnPError><errorCode>725</errorCode><errorDescription>\
                     OnlyPermanentLeasesSupported</errorDescription></UPnPError></detail></s:Fault>";
        return ("500 Internal Server Error", envelope(fault));
    }
    let lease_s = if lease_s == 0 { FOR_GOOD } else { lease_s };
    let _ = sender.send(Asked { is_tcp, port, lease_s });
    ("200 OK", answer("AddPortMapping", ""))
}

fn answer(action: &str, inner: &str) -> String {
    envelope(&format!("<u:{action}Response xmlns:u=\"{SERVICE}\">{inner}</u:{action}Response>"))
}

fn envelope(inner: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">\
         <s:Body>{inner}</s:Body></s:Envelope>"
    )
}

const ROOT: &str = "<?xml version=\"1.0\"?><root xmlns=\"urn:schemas-upnp-org:device-1-0\"><device>\
    <deviceList><device><serviceList><service><serviceType>SERVICE</serviceType>\
    <SCPDURL>/schema.xml</SCPDURL><controlURL>/control</controlURL></service></serviceList></device>\
    </deviceList></device></root>";

/// The actions that it knows, and their arguments.
fn schema() -> String {
    let action = |name: &str, arguments: &[&str]| {
        let arguments: String = arguments
            .iter()
            .map(|name| {
                format!("<argument><name>{name}</name><direction>in</direction></argument>")
            })
            .collect();
        format!("<action><name>{name}</name><argumentList>{arguments}</argumentList></action>")
    };
    let delete = ["NewRemoteHost", "NewExternalPort", "NewProtocol"];
    let add = [
        "NewRemoteHost",
        "NewExternalPort",
        "NewProtocol",
        "NewInternalPort",
        "NewInternalClient",
        "NewEnabled",
        "NewPortMappingDescription",
        "NewLeaseDuration",
    ];
    format!(
        "<?xml version=\"1.0\"?><scpd xmlns=\"urn:schemas-upnp-org:service-1-0\"><actionList>{}{}\
         </actionList></scpd>",
        action("AddPortMapping", &add),
        action("DeletePortMapping", &delete)
    )
}
