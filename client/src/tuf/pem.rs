//! PEM (RFC 7468): one block of base64 between two lines that name what it is.

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Reads the one block with this label, such as `PUBLIC KEY`; nothing else may stand in the text.
pub fn decode(text: &str, label: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let body = text.strip_prefix(&format!("-----BEGIN {label}-----"))?;
    let body = body.strip_suffix(&format!("-----END {label}-----"))?;
    let digits: Vec<u8> = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    decode_base64(&digits)
}

/// Writes a block, 64 characters a line.
pub fn encode(bytes: &[u8], label: &str) -> String {
    let digits = encode_base64(bytes);
    let mut out = format!("-----BEGIN {label}-----\n");
    let mut rest = digits.as_str();
    while !rest.is_empty() {
        let (line, others) = rest.split_at_checked(64).unwrap_or((rest, ""));
        out.push_str(line);
        out.push('\n');
        rest = others;
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

/// Decodes base64 with padding (RFC 4648, section 4); bits that the padding hides must be 0.
fn decode_base64(digits: &[u8]) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(4) {
        return None;
    }
    let padding = digits.iter().rev().take_while(|digit| **digit == b'=').count();
    let body = digits.get(..digits.len() - padding)?;
    if padding > 2 {
        return None;
    }
    let mut out = Vec::with_capacity(digits.len() / 4 * 3);
    for group in body.chunks(4) {
        let value = |digit: &u8| DIGITS.iter().position(|known| known == digit);
        let values: Vec<usize> = group.iter().map(value).collect::<Option<_>>()?;
        let bits = values.iter().fold(0_usize, |bits, value| bits << 6 | value);
        let bits = u32::try_from(bits << (6 * (4 - values.len()))).ok()?;
        let [_, bytes @ ..] = bits.to_be_bytes();
        let (kept, hidden) = bytes.split_at_checked(values.len() - 1)?;
        if hidden.iter().any(|byte| *byte != 0) {
            return None;
        }
        out.extend(kept);
    }
    Some(out)
}

fn encode_base64(bytes: &[u8]) -> String {
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        for position in 0..4_usize {
            let value = bits >> (6 * (3 - position)) & 63;
            let digit = DIGITS.get(value).filter(|_| position <= group.len());
            out.push(char::from(digit.copied().unwrap_or(b'=')));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_the_one_of_the_rfc() {
        let vectors =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")];
        for (plain, encoded) in vectors {
            assert_eq!(encode_base64(plain.as_bytes()), encoded);
            assert_eq!(decode_base64(encoded.as_bytes()).unwrap(), plain.as_bytes());
        }
        for bad in ["Zg=", "Zg", "Z===", "Zh==", "Zm9=", "====", "Z*==", "=Zg="] {
            assert_eq!(decode_base64(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn a_block_reads_back_and_other_text_is_refused() {
        let bytes: Vec<u8> = (0..=255).collect();
        let text = encode(&bytes, "PRIVATE KEY");
        assert!(text.lines().all(|line| line.len() <= 64));
        assert_eq!(decode(&text, "PRIVATE KEY"), Some(bytes));
        assert_eq!(decode(&text, "PUBLIC KEY"), None);
        assert_eq!(decode(&format!("x{text}"), "PRIVATE KEY"), None);
        assert_eq!(decode(&text.repeat(2), "PRIVATE KEY"), None);
    }
}
