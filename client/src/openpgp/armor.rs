//! Reading ASCII armor (RFC 9580, section 6) where nothing else may stand.
//!
//! The library's reader skips text that it does not know. Two readers could then see two different
//! things in one file, so the blocks are cut out here and only each block is given to it.

use std::io::Read as _;

use sequoia_openpgp::armor::{Kind, Reader, ReaderMode};

/// Decodes blocks of one kind with nothing but white space around them.
///
/// The caller has bounded the length of `text`. The error is a sentence without its subject.
pub(super) fn blocks(text: &[u8], kind: Kind) -> Result<Vec<Vec<u8>>, String> {
    let text = str::from_utf8(text).map_err(|error| format!("is not text: {error}"))?;
    let label = if kind == Kind::Signature { "SIGNATURE" } else { "PUBLIC KEY BLOCK" };
    let mut rest = text.trim();
    let mut blocks = Vec::new();
    while !rest.is_empty() {
        let (block, behind) = cut(rest, label)?;
        blocks.push(decode(&block, kind)?);
        rest = behind.trim_start();
    }
    Ok(blocks)
}

/// Splits text that starts with a block into the block and what stands behind it.
fn cut<'t>(text: &'t str, label: &str) -> Result<(String, &'t str), String> {
    let begin = format!("-----BEGIN PGP {label}-----");
    let end = format!("-----END PGP {label}-----");
    let behind = text.strip_prefix(&begin);
    let behind = behind.ok_or_else(|| format!("has text where `{begin}` is expected"))?;
    let (inside, rest) = behind.split_once(&end).ok_or_else(|| format!("lacks a `{end}`"))?;
    if inside.contains("-----") || !inside.ends_with('\n') {
        return Err(format!("has dashes between `{begin}` and `{end}`"));
    }
    Ok((format!("{begin}{inside}{end}\n"), rest))
}

fn decode(block: &str, kind: Kind) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut reader = Reader::from_bytes(block.as_bytes(), ReaderMode::Tolerant(Some(kind)));
    match reader.read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(format!("is not ASCII armor: {error}")),
    }
}
