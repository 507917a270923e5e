//! Reading markup just as far as code in it is concerned.
//!
//! Readers of markup disagree on where texts, comments and values end. So a tag counts wherever one
//! can start, even inside of a value; only scripts that were found, and comments that all readers
//! take for such, are passed over.

/// Code in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// The code.
    pub(super) code: String,
    /// Where it stands in the page.
    pub(super) at: usize,
    /// What it is.
    pub(super) kind: Kind,
}

/// What code in a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What stands in a script element.
    Script,
    /// The same, in TypeScript.
    TypeScript,
    /// An attribute that is code: a handler of events, or an address that is code.
    Attribute,
    /// The address of a script elsewhere.
    Address,
}

/// The most pieces of code in one page.
const MOST_PIECES: usize = 4096;
/// How often each byte may be read on average: tags can be inside of each other's values.
const MOST_READINGS: usize = 16;
/// The most bytes of a tag.
const MOST_TAG: usize = 64 * 1024;

/// Elements whose text has no comments.
const PLAIN: [&str; 8] =
    ["style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript"];
/// Attributes with addresses that are gone to.
const ADDRESSES: [&str; 7] = ["href", "src", "action", "formaction", "xlink:href", "data", "to"];

struct Attribute {
    name: String,
    value: String,
    at: usize,
}

struct Tag {
    attributes: Vec<Attribute>,
    end: usize,
    is_closed: bool,
}

impl Tag {
    fn value(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|attribute| attribute.name == name);
        found.map(|attribute| attribute.value.as_str())
    }
}

/// Finds the code in a page; nothing if there is too much of it.
pub(super) fn pieces(text: &str, is_xml: bool) -> Option<Vec<Piece>> {
    let (mut pieces, mut at, mut quiet) = (Vec::new(), 0, 0);
    let mut left = text.len().saturating_mul(MOST_READINGS).saturating_add(MOST_TAG);
    while let Some(found) = text.get(at..)?.find('<') {
        let start = at + found;
        let rest = text.get(start + 1..)?;
        at = start + 1;
        if rest.starts_with("!--") && start >= quiet {
            let (length, read) = comment(rest);
            left = left.checked_sub(read)?;
            at += length;
            continue;
        }
        let name = name(rest);
        if name.is_empty() {
            continue;
        }
        at += name.len();
        let tag = tag(text, at)?;
        left = left.checked_sub(tag.end - at)?;
        quiet = quiet.max(tag.end);
        let local = name.rsplit(':').next().unwrap_or(name).to_ascii_lowercase();
        if local == "script" {
            let has_body = !(is_xml && tag.is_closed);
            let end = if has_body { tag.end + body(text.get(tag.end..)?) } else { tag.end };
            script(&tag, text.get(tag.end..end)?, &mut pieces);
            at = end;
        } else if PLAIN.contains(&local.as_str()) && !tag.is_closed {
            let rest = text.get(tag.end..)?;
            let end = find_end(rest, &local);
            left = left.checked_sub(end)?;
            quiet = quiet.max(tag.end + end);
        }
        attributes(&tag, &mut pieces);
        if pieces.len() > MOST_PIECES {
            return None;
        }
    }
    Some(pieces)
}

/// Returns the length of a comment, which starts behind `<`, and how much was read to find it.
fn comment(rest: &str) -> (usize, usize) {
    let inside = rest.get(3..).unwrap_or_default();
    if inside.starts_with('>') || inside.starts_with("->") {
        return (3, 3);
    }
    let mut dashes = inside.match_indices("--");
    let ends = |at: usize| {
        let behind = inside.get(at + 2..).unwrap_or_default();
        let behind = behind.strip_prefix('-').unwrap_or(behind);
        behind.starts_with('>') || behind.starts_with("!>")
    };
    // A comment that does not end is none: readers disagree.
    match dashes.find(|(at, _)| ends(*at)) {
        Some((end, _)) => (end + 3, end + 3),
        None => (3, inside.len()),
    }
}

fn name(rest: &str) -> &str {
    let is_first = rest.starts_with(|c: char| c.is_ascii_alphabetic());
    let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '<'));
    let name = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
    if is_first && name.len() <= 64 { name } else { "" }
}

/// Reads the attributes of a tag.
fn tag(text: &str, from: usize) -> Option<Tag> {
    let (mut attributes, mut at, mut is_closed) = (Vec::new(), from, false);
    let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '=');
    while at < text.len() && at - from < MOST_TAG {
        let rest = text.get(at..)?;
        let skipped = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_whitespace()).len();
        at += skipped;
        let rest = text.get(at..)?;
        if rest.starts_with('>') {
            return Some(Tag { attributes, end: at + 1, is_closed });
        }
        is_closed = rest.starts_with('/');
        if rest.is_empty() || is_closed {
            at += 1;
            continue;
        }
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let end = rest.get(first..)?.find(ends).map_or(rest.len(), |end| first + end);
        let name = rest.get(..end)?.to_ascii_lowercase();
        at += end;
        let rest = text.get(at..)?;
        let behind = rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let Some(given) = behind.strip_prefix('=') else {
            attributes.push(Attribute { name, value: String::new(), at });
            continue;
        };
        let given = given.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let start = text.len() - given.len();
        let (value, start, next) = value(given, start);
        attributes.push(Attribute { name, value: unescaped(value), at: start });
        at = next;
    }
    Some(Tag { attributes, end: at.min(text.len()), is_closed: false })
}

/// Returns a value, where it starts, and where the tag goes on.
fn value(given: &str, start: usize) -> (&str, usize, usize) {
    for quote in ['"', '\''] {
        if let Some(inside) = given.strip_prefix(quote) {
            let end = inside.find(quote).unwrap_or(inside.len());
            return (inside.get(..end).unwrap_or_default(), start + 1, start + end + 2);
        }
    }
    let end = given.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(given.len());
    (given.get(..end).unwrap_or_default(), start, start + end)
}

fn unescaped(value: &str) -> String {
    use crate::scan::{fold, language::Codec};
    let decoded = value.contains('&').then(|| fold::decode(Codec::Html, value.as_bytes()));
    let text = decoded.flatten().and_then(|bytes| String::from_utf8(bytes).ok());
    text.unwrap_or_else(|| value.to_owned())
}

/// Returns where the end tag of an element starts.
fn find_end(rest: &str, name: &str) -> usize {
    let mut at = 0;
    while let Some(found) = rest.get(at..).and_then(|rest| rest.find("</")) {
        at += found + 2;
        let after = rest.get(at..at + name.len()).unwrap_or_default();
        let behind = rest.as_bytes().get(at + name.len());
        let is_whole = behind.is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'));
        if is_whole && after.eq_ignore_ascii_case(name) {
            return at - 2;
        }
    }
    rest.len()
}

/// Returns where a script ends. One that starts inside of a comment of its own belongs to it.
fn body(rest: &str) -> usize {
    let end = find_end(rest, "script");
    let inside = rest.get(..end).unwrap_or_default();
    let nested = inside.find("<!--").and_then(|at| inside.get(at..));
    if nested.is_some_and(|nested| nested.to_ascii_lowercase().contains("<script")) {
        let more = rest.get(end + 2..).unwrap_or_default();
        return (end + 2 + find_end(more, "script")).min(rest.len());
    }
    end
}

fn script(tag: &Tag, body: &str, pieces: &mut Vec<Piece>) {
    let kind = tag.value("type").unwrap_or_default().trim().to_ascii_lowercase();
    let is_code = kind.is_empty()
        || kind == "module"
        || ["script", "jsx", "babel"].iter().any(|word| kind.contains(word));
    if !is_code {
        return;
    }
    for attribute in &tag.attributes {
        if matches!(attribute.name.as_str(), "src" | "href" | "xlink:href") {
            pieces.extend(address(attribute));
        }
    }
    let language = tag.value("lang").unwrap_or_default().to_ascii_lowercase();
    let is_typed =
        language.starts_with("ts") || language == "typescript" || kind.contains("typescript");
    let kind = if is_typed { Kind::TypeScript } else { Kind::Script };
    // Documents of XML mark that text is no markup.
    let code = body.replace("<![CDATA[", "         ").replace("]]>", "   ");
    if !code.trim().is_empty() {
        pieces.push(Piece { code, at: tag.end, kind });
    }
}

/// The address of a script, if it is not a file of the plugin.
fn address(attribute: &Attribute) -> Option<Piece> {
    let plain: String = attribute.value.trim().chars().filter(|c| !c.is_ascii_control()).collect();
    let plain = plain.replace('\\', "/");
    let address = if plain.starts_with("//") { format!("https:{plain}") } else { plain };
    let is_elsewhere = address.split_once(':').is_some_and(|(scheme, _)| {
        scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    });
    let (code, kind) = (address, Kind::Address);
    is_elsewhere.then_some(Piece { code, at: attribute.at, kind })
}

fn attributes(tag: &Tag, pieces: &mut Vec<Piece>) {
    for attribute in &tag.attributes {
        let Attribute { name, value, at } = attribute;
        let kind = Kind::Attribute;
        if name.starts_with("on") && name.len() > 2 && !value.trim().is_empty() {
            pieces.push(Piece { code: value.clone(), at: *at, kind });
        } else if ADDRESSES.contains(&name.as_str()) {
            let plain = value.trim_start_matches(|c: char| c <= ' ');
            let plain: String =
                plain.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
            let scheme = plain.get(..11).unwrap_or_default();
            if scheme.eq_ignore_ascii_case("javascript:") {
                let code = plain.get(11..).unwrap_or_default().to_owned();
                pieces.push(Piece { code, at: *at, kind });
            }
        } else if name == "srcdoc" {
            let inner = self::pieces(value, false).unwrap_or_default();
            pieces.extend(inner.into_iter().map(|piece| Piece { at: at + piece.at, ..piece }));
        }
    }
}
