use std::net::IpAddr;

use aws_smithy_runtime_api::client::dns::DnsFuture;

use super::addresses::is_public;
use super::*;

/// Addresses that lead to this machine, its networks, or nowhere.
const PRIVATE: [&str; 44] = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.1.2.3",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
];

#[test]
fn only_public_addresses_are_public() {
    for text in PRIVATE {
        assert!(!is_public(text.parse::<IpAddr>().unwrap()), "{text}");
    }
    for text in [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2606:4700::1111",
        "2a00:1450::1",
        "::ffff:8.8.8.8",
    ] {
        assert!(is_public(text.parse::<IpAddr>().unwrap()), "{text}");
    }
}

fn egress(targets: Targets) -> Egress {
    let client = match targets {
        Targets::Public => client(Public(System)),
        Targets::Any => client(System),
    };
    Egress { client, targets }
}

async fn posted(targets: Targets, url: &str) -> Result<Answer, EgressError> {
    let url = url.parse().unwrap();
    egress(targets).post(&url, HeaderMap::new(), Bytes::new(), Duration::from_secs(5)).await
}

/// Every way to write this machine's address, and the Runtime API of Lambda.
#[tokio::test]
async fn no_way_to_write_an_address_leads_to_a_private_one() {
    let literals = PRIVATE.into_iter().filter(|text| text.parse::<IpAddr>().is_ok());
    let literals = literals.map(|text| {
        let is_v6 = text.contains(':');
        if is_v6 { format!("https://[{text}]/") } else { format!("https://{text}/") }
    });
    let others = [
        "https://localhost/",
        "https://localhost:8443/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://0/",
        "https://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
        "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
        "http://example.com/",
        "http://1.1.1.1/",
    ];
    for url in literals.chain(others.map(str::to_owned)) {
        let answer = posted(Targets::Public, &url).await;
        assert!(matches!(answer, Err(EgressError::Refused)), "{url}: {answer:?}");
    }
}

/// A resolver of one name.
#[derive(Clone, Debug)]
struct Named(Vec<IpAddr>);

impl ResolveDns for Named {
    fn resolve_dns<'a>(&'a self, _: &'a str) -> DnsFuture<'a> {
        DnsFuture::ready(Ok(self.0.clone()))
    }
}

/// Of a name, its addresses count: the only one, and one beside public ones.
#[tokio::test]
async fn no_name_leads_to_a_private_address() {
    let (url, limit) = ("https://shop.example.com/".parse().unwrap(), Duration::from_secs(5));
    let targets = Targets::Public;
    for private in PRIVATE.map(|text| text.parse::<IpAddr>().unwrap()) {
        let public = "192.31.196.1".parse().unwrap();
        for addresses in [vec![private], vec![public, private], vec![private, public]] {
            let client = client(Public(Named(addresses.clone())));
            let egress = Egress { client, targets };
            let answer = egress.post(&url, HeaderMap::new(), Bytes::new(), limit).await;
            assert!(matches!(answer, Err(EgressError::Refused)), "{addresses:?}: {answer:?}");
        }
    }
}

/// A server that answers each connection with these bytes.
async fn server(answer: &'static [u8]) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let _ = socket.read(&mut request).await;
            let _ = socket.write_all(answer).await;
            // The connection stays open.
            std::mem::forget(socket);
        }
    });
    url
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let url =
        server(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n");
    let answer = posted(Targets::Any, &url.await).await.unwrap();
    assert_eq!(answer.status, StatusCode::FOUND);
}

#[tokio::test]
async fn of_a_long_body_the_beginning_is_read() {
    let head = b"HTTP/1.1 500 Oh\r\ncontent-length: 100000\r\n\r\n";
    let answer: Vec<u8> = head.iter().copied().chain([b'x'; 2000]).collect();
    let answer = posted(Targets::Any, &server(answer.leak()).await).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.excerpt), (500, vec![b'x'; EXCERPT]));
}

#[tokio::test]
async fn no_answer_and_no_http_are_told_apart() {
    let url = server(b"").await.parse().unwrap();
    let limit = Duration::from_millis(50);
    let late = egress(Targets::Any).post(&url, HeaderMap::new(), Bytes::new(), limit).await;
    assert!(matches!(late, Err(EgressError::TimedOut)), "{late:?}");
    let other = posted(Targets::Any, &server(b"SSH-2.0-OpenSSH\r\n").await).await;
    assert!(matches!(other, Err(EgressError::Unreachable(_))), "{other:?}");
}
