//! Codings undone.

use std::io::Read as _;

use super::MOST;
use crate::scan::language::Codec;

/// Undoes a coding; nothing if the bytes are not in it.
pub fn decode(codec: Codec, bytes: &[u8]) -> Option<Vec<u8>> {
    match codec {
        Codec::Base64 => base64(bytes),
        Codec::Base32 => base32(bytes),
        Codec::Base85 => base85(bytes),
        Codec::Ascii85 => ascii85(bytes),
        Codec::Hex => hex(bytes),
        Codec::Rot13 => Some(bytes.iter().map(|byte| rot13(*byte)).collect()),
        Codec::Inflate => inflate(bytes),
        Codec::Percent => Some(percent(bytes)),
        Codec::Escapes => Some(escapes(bytes)),
        Codec::Html => Some(html(bytes)),
    }
}

/// Puts groups of `bits` together to bytes; what is left over at the end is padding.
fn regroup(digits: impl Iterator<Item = u32>, bits: u32) -> Vec<u8> {
    let (mut held, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for digit in digits {
        held = (held << bits) | digit;
        count += bits;
        if count >= 8 {
            count -= 8;
            bytes.extend(u8::try_from((held >> count) & 0xff));
            held &= (1 << count) - 1;
        }
    }
    bytes
}

fn base64(bytes: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: &u8| match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let text: Vec<_> = bytes.iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let end = text.iter().position(|byte| **byte == b'=').unwrap_or(text.len());
    let digits = text.get(..end)?.iter().map(|byte| digit(byte)).collect::<Option<Vec<_>>>()?;
    Some(regroup(digits.into_iter(), 6))
}

fn base32(bytes: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: &u8| match byte.to_ascii_uppercase() {
        upper @ b'A'..=b'Z' => Some(u32::from(upper - b'A')),
        digit @ b'2'..=b'7' => Some(u32::from(digit - b'2') + 26),
        _ => None,
    };
    let end = bytes.iter().position(|byte| *byte == b'=').unwrap_or(bytes.len());
    let digits = bytes.get(..end)?.iter().map(digit).collect::<Option<Vec<_>>>()?;
    Some(regroup(digits.into_iter(), 5))
}

/// The digits of Python's `b85decode`.
const BASE85: &[u8] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

fn base85(bytes: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: &u8| BASE85.iter().position(|digit| digit == byte);
    let digits = bytes.iter().map(digit).collect::<Option<Vec<_>>>()?;
    Some(groups_of_five(&digits))
}

fn ascii85(bytes: &[u8]) -> Option<Vec<u8>> {
    let inner = bytes.strip_prefix(b"<~").unwrap_or(bytes);
    let inner = inner.strip_suffix(b"~>").unwrap_or(inner);
    let mut digits = Vec::new();
    for byte in inner.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        match byte {
            b'z' => digits.extend([0; 5]),
            b'!'..=b'u' => digits.push(usize::from(byte - b'!')),
            _ => return None,
        }
    }
    Some(groups_of_five(&digits))
}

fn groups_of_five(digits: &[usize]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for group in digits.chunks(5) {
        let padded = group.iter().copied().chain(std::iter::repeat(84)).take(5);
        let value = padded.fold(0_u64, |value, digit| {
            value.wrapping_mul(85).wrapping_add(u64::try_from(digit).unwrap_or(0))
        });
        let [.., a, b, c, d] = value.to_be_bytes();
        bytes.extend([a, b, c, d].into_iter().take(group.len().saturating_sub(1)));
    }
    bytes
}

fn hex(bytes: &[u8]) -> Option<Vec<u8>> {
    let digits: Vec<u32> = bytes
        .iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| char::from(*byte).to_digit(16))
        .collect::<Option<_>>()?;
    digits.len().is_multiple_of(2).then(|| regroup(digits.into_iter(), 4))
}

const fn rot13(byte: u8) -> u8 {
    match byte {
        b'a'..=b'm' | b'A'..=b'M' => byte + 13,
        b'n'..=b'z' | b'N'..=b'Z' => byte - 13,
        _ => byte,
    }
}

fn inflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let limit = u64::try_from(MOST).ok()?;
    let mut out = Vec::new();
    let read = match bytes {
        [0x1f, 0x8b, ..] => flate2::read::GzDecoder::new(bytes).take(limit).read_to_end(&mut out),
        [0x78, ..] => flate2::read::ZlibDecoder::new(bytes).take(limit).read_to_end(&mut out),
        _ => flate2::read::DeflateDecoder::new(bytes).take(limit).read_to_end(&mut out),
    };
    read.is_ok().then_some(out)
}

fn percent(bytes: &[u8]) -> Vec<u8> {
    replace_escapes(bytes, b'%', |rest| {
        if let Some(digits) = rest.strip_prefix(b"u").and_then(|rest| rest.get(..4)) {
            return number(digits, 16).map(|code| (code, 5));
        }
        number(rest.get(..2)?, 16).map(|code| (code, 2))
    })
}

fn escapes(bytes: &[u8]) -> Vec<u8> {
    replace_escapes(bytes, b'\\', |rest| {
        let (kind, digits) = rest.split_first()?;
        match kind {
            b'x' => number(digits.get(..2)?, 16).map(|code| (code, 3)),
            b'u' => number(digits.get(..4)?, 16).map(|code| (code, 5)),
            b'U' => number(digits.get(..8)?, 16).map(|code| (code, 9)),
            b'0'..=b'7' => {
                let count = rest.iter().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
                number(rest.get(..count)?, 8).map(|code| (code, count))
            }
            b'n' => Some((10, 1)),
            b't' => Some((9, 1)),
            b'\\' | b'\'' | b'"' => Some((u32::from(*kind), 1)),
            _ => None,
        }
    })
}

fn html(bytes: &[u8]) -> Vec<u8> {
    replace_escapes(bytes, b'&', |rest| {
        let end = rest.iter().take(10).position(|byte| *byte == b';')?;
        let inner = rest.get(..end)?;
        let code = match inner {
            [b'#', b'x' | b'X', digits @ ..] => number(digits, 16)?,
            [b'#', digits @ ..] => number(digits, 10)?,
            b"amp" => 38,
            b"lt" => 60,
            b"gt" => 62,
            b"quot" => 34,
            b"lpar" => 40,
            b"rpar" => 41,
            b"period" => 46,
            _ => return None,
        };
        Some((code, end + 1))
    })
}

fn number(digits: &[u8], base: u32) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, base).ok()
}

/// Replaces what follows a mark by the character that `read` makes of it; `read` says how many
/// bytes it took.
fn replace_escapes(
    bytes: &[u8],
    mark: u8,
    read: impl Fn(&[u8]) -> Option<(u32, usize)>,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != mark {
            out.push(*byte);
            continue;
        }
        match read(after) {
            Some((code, taken)) => {
                if mark == b'%' && taken == 2 {
                    out.extend(u8::try_from(code));
                } else if let Some(character) = char::from_u32(code) {
                    out.extend_from_slice(character.to_string().as_bytes());
                }
                rest = after.get(taken..).unwrap_or_default();
            }
            None => out.push(*byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(codec: Codec, coded: &[u8], plain: &str) {
        let found = decode(codec, coded).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert_eq!(found.as_deref(), Some(plain));
    }

    #[test]
    fn codings_are_undone() {
        check(Codec::Base64, b"b3Muc3lzdGVt", "os.system");
        check(Codec::Base64, b"ZXZhbA==", "eval");
        check(Codec::Base32, b"MV3GC3A=", "eval");
        check(Codec::Base85, b"Wp-g~", "eval");
        check(Codec::Ascii85, b"AThKu", "eval");
        check(Codec::Hex, b"6576616c", "eval");
        check(Codec::Rot13, b"riny", "eval");
        check(Codec::Percent, b"%65v%61l", "eval");
        check(Codec::Percent, b"%u0065val", "eval");
        check(Codec::Escapes, b"\\x65\\u0076\\141l", "eval");
        check(Codec::Html, b"&#101;v&#x61;l&amp;", "eval&");
    }

    #[test]
    fn what_is_not_in_a_coding_gives_nothing() {
        assert_eq!(decode(Codec::Hex, b"xyz"), None);
        assert_eq!(decode(Codec::Hex, b"abc"), None);
        assert_eq!(decode(Codec::Base64, b"a?b"), None);
        assert_eq!(decode(Codec::Inflate, b"x\x9cnot"), None);
    }
}
