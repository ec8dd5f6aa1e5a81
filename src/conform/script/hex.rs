//! Bytes as cases write them: two digits a byte, and `(61*300)` for the byte 61 three hundred times.

use super::NotUnderstood;
use crate::base::limits::CASE_BYTES_MAX;

pub(crate) fn read_hex(text: &str) -> Result<Vec<u8>, NotUnderstood> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let run = match rest.strip_prefix('(') {
            Some(inside) => {
                let (run, behind) = inside
                    .split_once(')')
                    .ok_or_else(|| NotUnderstood::new("a bracket in hexadecimal stays open"))?;
                rest = behind;
                repeated(run)?
            }
            None => {
                let (digits, behind) = rest.split_at(rest.find('(').unwrap_or(rest.len()));
                rest = behind;
                digits_of(digits)?
            }
        };
        bytes.extend(run);
        if bytes.len() > CASE_BYTES_MAX {
            return Err(NotUnderstood::new("a case sends no more than 4 MiB at once"));
        }
    }
    Ok(bytes)
}

fn repeated(run: &str) -> Result<Vec<u8>, NotUnderstood> {
    let (digits, times) =
        run.split_once('*').ok_or_else(|| NotUnderstood::new("in brackets stands BYTES*TIMES"))?;
    let times: usize =
        times.trim().parse().map_err(|_| NotUnderstood::new(format!("{times} is no count")))?;
    let bytes = digits_of(digits.trim())?;
    if bytes.len().saturating_mul(times) > CASE_BYTES_MAX {
        return Err(NotUnderstood::new("a case sends no more than 4 MiB at once"));
    }
    Ok(bytes.repeat(times))
}

fn digits_of(digits: &str) -> Result<Vec<u8>, NotUnderstood> {
    data_encoding::HEXLOWER_PERMISSIVE
        .decode(digits.as_bytes())
        .map_err(|_| NotUnderstood::new(format!("{digits} is no hexadecimal")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_sends_so_much_at_once_and_no_more() {
        let run = |times: usize| read_hex(&format!("(61*{times})"));
        assert_eq!(run(CASE_BYTES_MAX).unwrap().len(), CASE_BYTES_MAX);
        assert!(run(CASE_BYTES_MAX + 1).is_err());
        assert!(read_hex(&format!("(61*{CASE_BYTES_MAX})61")).is_err());
    }

    #[test]
    fn runs_stand_between_digits() {
        assert_eq!(read_hex("00(61*3)Ff").unwrap(), b"\0aaa\xff");
        assert_eq!(read_hex("(0102 * 2)").unwrap(), [1, 2, 1, 2]);
        assert_eq!(read_hex("").unwrap(), b"");
        for wrong in ["0", "0g", "(61", "(61*)", "(61*9999999)", "(61)"] {
            assert!(read_hex(wrong).is_err(), "{wrong}");
        }
    }
}
