use filbert::base::limits::{DIME_RECORDS_MAX, THEX_BODY_LEN_MAX};
use filbert::gnutella::http::thex::TreeRows;

const XML: &str = "<?xml version=\"1.0\"?><!DOCTYPE hashtree system \"x\"><hashtree>\
    <file size='3000' segmentsize='1024'/><digest algorithm='http://open-content.net/spec/digest/tiger' outputsize='24'/>\
    <serializedtree depth='9' type='http://open-content.net/spec/thex/breadthfirst' uri='uuid:1'/></hashtree>";
const ORDER: &str = "http://open-content.net/spec/thex/breadthfirst";

fn digests(count: u8) -> Vec<[u8; 24]> {
    (0..count).map(|number| [number; 24]).collect()
}

/// A record as DIME writes it, by hand.
fn record(flags: u8, kind: u8, [id, kind_text]: [&str; 2], data: &[u8]) -> Vec<u8> {
    let len = |field: &[u8]| u16::try_from(field.len()).unwrap().to_be_bytes();
    let mut out = vec![8 | flags, kind << 4, 0, 0];
    out.extend(len(id.as_bytes()));
    out.extend(len(kind_text.as_bytes()));
    out.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
    for field in [id.as_bytes(), kind_text.as_bytes(), data] {
        out.extend(field);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    out
}

fn xml_record(xml: &str) -> Vec<u8> {
    record(4, 1, ["", "text/xml"], xml.as_bytes())
}

fn tree_record(count: u8) -> Vec<u8> {
    record(2, 2, ["uuid:1", ORDER], &digests(count).concat())
}

fn decode(parts: &[Vec<u8>]) -> Result<TreeRows, &'static str> {
    TreeRows::decode(&parts.concat()).map_err(|fault| fault.rule.id())
}

/// THEX-02, THEX-03, THEX-04, THEX-07
#[test]
fn a_tree_is_a_description_and_digests() {
    // Three blocks: a root, two above them, three.
    let tree = decode(&[xml_record(XML), tree_record(6)]).unwrap();
    assert_eq!((tree.size(), tree.depth(), tree.digests()), (3000, 2, &digests(6)[..]));
    assert_eq!((tree.root(), tree.last_row()), ([0; 24], &digests(6)[3..]));
    let body = tree.encode();
    assert_eq!(TreeRows::decode(&body), Ok(tree));
    assert_eq!(body.len() % 4, 0);
    let text = String::from_utf8_lossy(&body);
    for part in [
        "\x0c\x10\0\0\0\0\0\x08\0\0",
        "text/xml",
        "<file size=\"3000\" segmentsize=\"1024\"/>",
        " depth=\"2\"",
        "\x0a\x20\0\0\0\x29\0\x2e\0\0\0\u{fffd}",
        "uuid:00000000-0000-0000-0000-000000000000",
    ] {
        assert!(text.contains(part), "{part:?} in {text:?}");
    }
}

/// THEX-03
#[test]
fn a_description_may_lack_things_and_not_tell_others() {
    let with = |from: &str, to: &str| decode(&[xml_record(&XML.replace(from, to)), tree_record(6)]);
    for (from, to) in [
        (" segmentsize='1024'", ""),
        ("'1024'", "\"1024\""),
        ("depth='9'", "depth='x'"),
        ("uri='uuid:1'/></hashtree>", ""),
        ("<file size", "<filesize size='1'/><file\n size "),
    ] {
        assert!(with(from, to).is_ok(), "{to}");
    }
    for (from, to) in [
        ("1024", "2048"),
        ("digest/tiger", "digest/sha1"),
        ("'24'", "'20'"),
        ("breadthfirst", "depthfirst"),
        ("size='3000'", "size='x'"),
        ("size='3000'", "size='18446744073709551616'"),
        ("<file", "<fil"),
    ] {
        assert_eq!(with(from, to), Err("THEX-03"), "{to}");
    }
}

/// THEX-04, THEX-05, THEX-06
#[test]
fn records_may_be_cut_mixed_and_misnamed() {
    let expected = decode(&[xml_record(XML), tree_record(6)]).unwrap();
    let bytes = digests(6).concat();
    let (first, rest) = bytes.split_at(50);
    let in_pieces = [
        xml_record(XML),
        record(1, 2, ["uuid:1", ORDER], first),
        record(1, 0, ["", ""], &[]),
        record(2, 0, ["", ""], rest),
    ];
    assert_eq!(decode(&in_pieces), Ok(expected.clone()));
    let mixed = [
        record(4, 2, ["\"uuid:1", &ORDER.to_uppercase()], &bytes),
        record(2, 1, ["", "TEXT/XML"], XML.as_bytes()),
    ];
    assert_eq!(decode(&mixed), Ok(expected.clone()));
    let two = [
        xml_record(XML),
        record(0, 2, ["uuid:2", ORDER], &digests(1).concat()),
        tree_record(6),
        b"garbage".to_vec(),
    ];
    assert_eq!(decode(&two), Ok(expected));
    let unpadded = record(2, 2, ["uuid:1", ORDER], &digests(1).concat());
    assert!(decode(&[xml_record(XML), unpadded.clone()]).is_ok());
    for (parts, rule) in [
        (vec![xml_record(XML)], "THEX-06"),
        (vec![tree_record(6)], "THEX-06"),
        (vec![], "THEX-06"),
        (vec![xml_record(XML), unpadded[..unpadded.len() - 1].to_vec()], "THEX-04"),
        (vec![xml_record(XML), unpadded[..5].to_vec()], "THEX-04"),
        (vec![vec![0x14; 12], tree_record(6)], "THEX-04"),
        (vec![xml_record(XML), record(1, 2, ["uuid:1", ORDER], first)], "THEX-05"),
        (vec![xml_record(XML), record(2, 2, ["uuid:1", ORDER], first)], "THEX-07"),
        (vec![xml_record(XML), record(2, 2, ["uuid:1", ORDER], &[])], "THEX-07"),
    ] {
        assert_eq!(decode(&parts), Err(rule));
    }
}

/// THEX-05
#[test]
fn so_many_records_are_read_and_not_one_more() {
    let with = |others: usize| {
        let empty = vec![record(0, 4, ["", ""], &[]); others];
        decode(&[vec![xml_record(XML)], empty, vec![tree_record(6)]].concat())
    };
    assert!(with(DIME_RECORDS_MAX - 2).is_ok());
    assert_eq!(with(DIME_RECORDS_MAX - 1), Err("THEX-05"));
}

/// THEX-08
#[test]
fn rows_are_whole_and_as_long_as_the_file_demands() {
    let depth = |size, count| {
        TreeRows::new(size, digests(count)).map(|tree| (tree.depth(), tree.digests().len()))
    };
    for (size, count, expected) in [
        (0, 1, Some((0, 1))),
        (1, 3, Some((0, 1))),
        (1024, 1, Some((0, 1))),
        (1025, 3, Some((1, 3))),
        (1025, 2, Some((0, 1))),
        (3000, 6, Some((2, 6))),
        (3000, 7, Some((2, 6))),
        (3000, 5, Some((1, 3))),
        (5 * 1024, 11, Some((3, 11))),
        (5 * 1024, 10, Some((2, 6))),
        (u64::MAX, 3, Some((1, 3))),
        (u64::MAX, 0, None),
    ] {
        assert_eq!(depth(size, count), expected, "{size} with {count}");
    }
}

/// THEX-09
#[test]
fn a_tree_is_read_up_to_its_limit_and_not_one_byte_further() {
    let mut body = [xml_record(XML), tree_record(6)].concat();
    body.resize(THEX_BODY_LEN_MAX, 0);
    assert!(TreeRows::decode(&body).is_ok(), "what follows the last record is left alone");
    body.push(0);
    assert_eq!(TreeRows::decode(&body).unwrap_err().rule.id(), "THEX-09");
}
