//! The first message of a TLS client, as far as it tells which kind of suites to answer it with.

/// Bytes of the header of a record.
const RECORD_HEADER_LEN: usize = 5;

/// Bytes from the start of the message to the length of the session id.
const SESSION_ID_AT: usize = 38;

/// Suites without any certificate: DH_anon and ECDH_anon (RFC 4346, 5246, 5288, 5932, 4492).
const ANONYMOUS: [u16; 25] = [
    0x0017, 0x0018, 0x0019, 0x001A, 0x001B, 0x0034, 0x003A, 0x0046, 0x006C, 0x006D, 0x0089, 0x009B,
    0x00A6, 0x00A7, 0x00BF, 0x00C5, 0xC015, 0xC016, 0xC017, 0xC018, 0xC019, 0xC046, 0xC047, 0xC05A,
    0xC05B,
];

/// TLS 1.2, in which records of TLS 1.3 call themselves that too.
const TLS_12: u16 = 0x0303;

/// What a client offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// More has to be read.
    Unknown,
    /// Something that a server with a certificate can answer, or has to refuse.
    Certificate,
    /// Nothing but anonymous suites that we could take.
    Anonymous {
        /// It speaks no TLS 1.2, as programs of the time before it.
        is_old: bool,
    },
}

/// What the client wants whose first bytes these are; `takes` are the suites with certificates that we
/// speak, from TLS 1.2 on (HAND-51).
pub(super) fn offer(bytes: &[u8], takes: &[u16]) -> Offer {
    let Some((header, rest)) = bytes.split_first_chunk::<RECORD_HEADER_LEN>() else {
        return Offer::Unknown;
    };
    let [_, _, _, high, low] = *header;
    let record_len = usize::from(u16::from_be_bytes([high, low]));
    let message = rest.get(..record_len.min(rest.len())).unwrap_or_default();
    match read(message, takes) {
        Some(offer) => offer,
        // Suites that go on in a second record are of nobody we know.
        None if rest.len() >= record_len => Offer::Certificate,
        None => Offer::Unknown,
    }
}

/// None as long as the suites are not all there.
fn read(message: &[u8], takes: &[u16]) -> Option<Offer> {
    let version = u16::from_be_bytes(*message.get(4..)?.first_chunk()?);
    let after_id = SESSION_ID_AT + 1 + usize::from(*message.get(SESSION_ID_AT)?);
    let (len, suites) = message.get(after_id..)?.split_first_chunk::<2>()?;
    let suites = suites.get(..usize::from(u16::from_be_bytes(*len)))?;
    let offered = || {
        suites
            .chunks_exact(2)
            .filter_map(|pair| pair.first_chunk().copied())
            .map(u16::from_be_bytes)
    };
    let is_old = version < TLS_12;
    let has_ours = !is_old && offered().any(|suite| takes.contains(&suite));
    let is_anonymous = !has_ours && offered().any(|suite| ANONYMOUS.contains(&suite));
    Some(if is_anonymous { Offer::Anonymous { is_old } } else { Offer::Certificate })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAKES: [u16; 2] = [0x1301, 0xC02B];

    fn hello(version: u16, session_id: u8, suites: &[u16]) -> Vec<u8> {
        let mut body = version.to_be_bytes().to_vec();
        body.extend([7; 32]);
        body.push(session_id);
        body.extend(vec![9; usize::from(session_id)]);
        body.extend(u16::try_from(suites.len() * 2).unwrap().to_be_bytes());
        body.extend(suites.iter().flat_map(|suite| suite.to_be_bytes()));
        body.extend([1, 0]);
        let mut record = vec![0x16, 3, 1];
        record.extend(u16::try_from(body.len() + 4).unwrap().to_be_bytes());
        record.extend([1, 0, 0, u8::try_from(body.len()).unwrap()]);
        record.extend(body);
        record
    }

    /// HAND-51
    #[test]
    fn whoever_can_only_be_answered_without_a_certificate_is_told_apart() {
        for (version, suites, expected) in [
            (0x0301, &[0x0034][..], Offer::Anonymous { is_old: true }),
            (0x0303, &[0x0034, 0x00FF], Offer::Anonymous { is_old: false }),
            (0x0303, &[0x0034, 0xC02B], Offer::Certificate),
            // It speaks no version in which we take that suite.
            (0x0301, &[0xC02B, 0x0034], Offer::Anonymous { is_old: true }),
            (0x0303, &[0x002F], Offer::Certificate),
            (0x0303, &[], Offer::Certificate),
        ] {
            for session_id in [0, 32] {
                let bytes = hello(version, session_id, suites);
                assert_eq!(offer(&bytes, &TAKES), expected, "{version:#06x} {suites:#06x?}");
            }
        }
    }

    #[test]
    fn nothing_is_decided_before_all_suites_are_there() {
        let bytes = hello(0x0301, 32, &[0x0034, 0x00FF]);
        // The two bytes of the compression methods are not looked at.
        for len in 0..bytes.len() - 2 {
            assert_eq!(offer(&bytes[..len], &TAKES), Offer::Unknown, "{len} bytes");
        }
        assert_ne!(offer(&bytes[..bytes.len() - 2], &TAKES), Offer::Unknown);
    }

    #[test]
    fn a_record_that_ends_before_its_suites_is_left_to_whoever_refuses_it() {
        let mut bytes = hello(0x0301, 0, &[0x0034]);
        bytes[4] = 20;
        assert_eq!(offer(&bytes, &TAKES), Offer::Certificate);
        assert_eq!(offer(&[0x16, 3, 1, 0, 0], &TAKES), Offer::Certificate);
    }
}
