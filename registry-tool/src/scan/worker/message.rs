//! What goes to a worker and comes back.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use crate::scan::examine::{Examined, PackageFile};

/// A line from a worker.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Message {
    /// It begins with this file.
    Begin(String),
    /// It is done; and what keeps it apart.
    Done(Examined, String),
}

/// A name and bytes.
pub(super) type Named = (String, Vec<u8>);

/// Writes rules and files: two lists, each with its length before it.
pub(super) fn encode(rules: &[Named], files: &[&PackageFile]) -> Vec<u8> {
    let mut out = Vec::new();
    put_number(&mut out, rules.len());
    for (name, bytes) in rules {
        put(&mut out, name.as_bytes());
        put(&mut out, bytes);
    }
    put_number(&mut out, files.len());
    for file in files {
        put(&mut out, file.path.as_bytes());
        put(&mut out, &file.bytes);
    }
    out
}

fn put_number(out: &mut Vec<u8>, number: usize) {
    let number = u64::try_from(number).unwrap_or(u64::MAX);
    out.extend(number.to_le_bytes());
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// Reads what [`encode`] wrote.
pub(super) fn decode(input: &mut impl Read) -> io::Result<(Vec<Named>, Vec<PackageFile>)> {
    let rules = take_list(input)?;
    let files = take_list(input)?;
    let file = |(path, bytes)| PackageFile { path, bytes };
    Ok((rules, files.into_iter().map(file).collect()))
}

fn take_list(input: &mut impl Read) -> io::Result<Vec<Named>> {
    let count = take_number(input)?;
    let mut list = Vec::new();
    for _ in 0..count {
        let name = String::from_utf8_lossy(&take(input)?).into_owned();
        list.push((name, take(input)?));
    }
    Ok(list)
}

fn take_number(input: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0; 8];
    input.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

fn take(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let length = take_number(input)?;
    let mut bytes = Vec::new();
    let read = input.take(length).read_to_end(&mut bytes)?;
    if u64::try_from(read).ok() == Some(length) {
        return Ok(bytes);
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let file = PackageFile { path: "a/b.py".to_owned(), bytes: b"x = 1\n".to_vec() };
        let rules = vec![("r.json".to_owned(), b"{}".to_vec())];
        let bytes = encode(&rules, &[&file]);
        let read = decode(&mut bytes.as_slice()).unwrap();
        assert_eq!(read, (rules, vec![file]));
        assert!(decode(&mut &bytes[..bytes.len() - 1]).is_err());
    }
}
