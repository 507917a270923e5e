//! Writing JSON: the one form for signatures, and the one form for people.

use serde::Serialize;

use super::{Member, Node, Value};

/// Writes `node` as OLPC canonical JSON, the form that TUF signs (TUF specification, section 4.2).
///
/// Members are sorted by name, there is no white space, and strings escape only `"` and `\`.
pub fn canonical(node: &Node) -> Vec<u8> {
    let mut out = Vec::new();
    write(node, &mut out);
    out
}

fn write(node: &Node, out: &mut Vec<u8>) {
    match &node.value {
        Value::Null => out.extend(b"null"),
        Value::Bool(true) => out.extend(b"true"),
        Value::Bool(false) => out.extend(b"false"),
        Value::Number(text) => out.extend(text.as_bytes()),
        Value::String(text) => write_string(text, out),
        Value::Array(items) => {
            let item = |item: &Node, out: &mut Vec<u8>| write(item, out);
            write_list((b'[', b']'), items, item, out);
        }
        Value::Object(members) => {
            let mut sorted: Vec<&Member> = members.iter().collect();
            sorted.sort_by(|a, b| a.name.cmp(&b.name));
            let member = |member: &&Member, out: &mut Vec<u8>| {
                write_string(&member.name, out);
                out.push(b':');
                write(&member.node, out);
            };
            write_list((b'{', b'}'), &sorted, member, out);
        }
    }
}

fn write_list<T>(
    brackets: (u8, u8),
    items: &[T],
    mut item: impl FnMut(&T, &mut Vec<u8>),
    out: &mut Vec<u8>,
) {
    out.push(brackets.0);
    for (index, each) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        item(each, out);
    }
    out.push(brackets.1);
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// Writes a value on one line, with a newline at the end.
pub fn compact(value: &impl Serialize) -> Vec<u8> {
    let mut bytes =
        serde_json::to_vec(value).expect("documents have string keys and finite numbers");
    bytes.push(b'\n');
    bytes
}

/// Writes a value the way a person would: two spaces of indent and a newline at the end.
pub fn pretty(value: &impl Serialize) -> Vec<u8> {
    let mut bytes =
        serde_json::to_vec_pretty(value).expect("documents have string keys and finite numbers");
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn members_are_sorted_and_only_quotes_and_backslashes_are_escaped() {
        let text = "{\"b\": [1, true, null], \"a\": \"q\\\"\\\\\\n\\u00e9\"}";
        let node = parse(text.as_bytes(), 100).unwrap();
        assert_eq!(
            canonical(&node),
            "{\"a\":\"q\\\"\\\\\n\u{e9}\",\"b\":[1,true,null]}".as_bytes()
        );
    }
}
