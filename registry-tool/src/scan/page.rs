//! Pages: the scripts in markup, and where they stand.

mod markup;

use self::markup::{Kind, Piece, pieces};
use super::examine::{Examined, PackageFile};
use super::facts::{Facts, Span};
use super::frontend::{self, SourceFile, offset};
use super::gates;

/// Endings of the names of pages.
const PAGES: [&str; 8] = ["html", "htm", "xhtml", "xht", "shtml", "svg", "vue", "svelte"];
/// Endings of the names of prose and data that show markup and are none.
const OTHERS: [&str; 7] = ["md", "markdown", "rst", "json", "map", "pyi", "css"];

/// Tells whether a text is a page.
pub fn is_page(name: &str, bytes: &[u8]) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if PAGES.contains(&ending) {
        return true;
    }
    let is_markup = bytes.trim_ascii_start().starts_with(b"<");
    let has_script = || bytes.windows(7).any(|word| word.eq_ignore_ascii_case(b"<script"));
    is_markup && !OTHERS.contains(&ending) && std::str::from_utf8(bytes).is_ok() && has_script()
}

/// Reads the scripts of a page; a script that cannot be read is a problem.
pub fn read(file: &PackageFile, examined: &mut Examined) -> Vec<(&'static str, Facts)> {
    let mut problem = |span: Span, what: &str| {
        let message = format!("a script of the page was not analysed: {what}");
        examined.problem(&file.path, span, "scan/page-script", message);
    };
    if file.bytes.len() > gates::SOURCE {
        problem(Span::default(), "the page is too large");
        return Vec::new();
    }
    // In another encoding, what counts is ASCII; everything stays where it is.
    let plain = |byte: &u8| if byte.is_ascii() { char::from(*byte) } else { '?' };
    let text = std::str::from_utf8(&file.bytes)
        .map_or_else(|_| file.bytes.iter().map(plain).collect(), std::borrow::Cow::Borrowed);
    if text.contains('\0') {
        problem(Span::default(), "the page is not UTF-8");
    }
    let is_xml = [".svg", ".xhtml", ".xht", ".vue"].iter().any(|end| file.path.ends_with(end));
    let Some(pieces) = pieces(&text, is_xml) else {
        problem(Span::default(), "there are too many of them");
        return Vec::new();
    };
    let mut found = Vec::new();
    for piece in pieces {
        match lower(&piece) {
            Ok(facts) => found.push(("javascript", facts)),
            Err(_) if piece.kind == Kind::Attribute => {}
            Err((span, message)) => problem(moved(span, offset(piece.at)), &message),
        }
    }
    found
}

fn lower(piece: &Piece) -> Result<Facts, (Span, String)> {
    let code = match piece.kind {
        // A script of elsewhere is judged like a module of elsewhere.
        Kind::Address => format!("import({})", serde_json::json!(piece.code)),
        Kind::Script | Kind::TypeScript | Kind::Attribute => piece.code.clone(),
    };
    let path = if piece.kind == Kind::TypeScript { "page.ts" } else { "page.js" };
    let (bytes, problems) = gates::decode("javascript", code.as_bytes());
    if let Some(problem) = problems.into_iter().next() {
        return Err((problem.span, problem.message));
    }
    let nothing = || (Span::default(), "it cannot be read".to_owned());
    let (frontend, bytes) = frontend::find("javascript").zip(bytes).ok_or_else(nothing)?;
    let facts = frontend.lower(&SourceFile { path, bytes: &bytes });
    let facts = facts.map_err(|error| (error.span, error.message))?;
    Ok(placed(facts, offset(piece.at)))
}

/// Moves facts to where their code starts.
fn placed(mut facts: Facts, by: u32) -> Facts {
    let spans = facts.spans.iter_mut().chain(&mut facts.dead).chain(&mut facts.blocks);
    spans.for_each(|span| *span = moved(*span, by));
    facts.bindings.iter_mut().for_each(|binding| binding.at = binding.at.saturating_add(by));
    facts.notes.iter_mut().for_each(|note| note.span = moved(note.span, by));
    facts
}

const fn moved(span: Span, by: u32) -> Span {
    Span::new(span.start.saturating_add(by), span.end.saturating_add(by))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<String> {
        let pieces = pieces(text, false).expect("few");
        let is_there = |piece: &Piece| text.get(piece.at..).is_some();
        assert!(pieces.iter().all(is_there));
        pieces.into_iter().map(|piece| piece.code).collect()
    }

    #[test]
    fn scripts_are_found_where_readers_of_markup_find_them() {
        assert_eq!(codes("<p><SCRIPT\ntype='module'>f()</Script >"), ["f()"]);
        assert_eq!(codes("<script type='application/json'>{}</script>"), [""; 0]);
        assert_eq!(codes("<!-- <script>f()</script> --><script>g()</script>"), ["g()"]);
        assert_eq!(codes("<!--><script>f()</script>-->"), ["f()"]);
        assert_eq!(codes("<style><!--</style><script>f()</script>"), ["f()"]);
        assert_eq!(codes("<textarea><a b=\"</textarea><script>f()</script>\">"), ["f()"]);
        assert_eq!(codes("<script>//</scripts\nf()</script>"), ["//</scripts\nf()"]);
        let inside = "<!--<script>\n</script>\nf()";
        assert_eq!(codes(&format!("<script>{inside}</script>")), [inside]);
        assert_eq!(codes("<img src=x onerror=f&#40;)>"), ["f()"]);
        assert_eq!(codes("<a href=' JavaScript:f()'>"), ["f()"]);
        assert_eq!(codes("<iframe srcdoc='<script>f()</script>'>"), ["f()", "f()"]);
        assert_eq!(codes("<script src=//a.example/x.js></script>"), ["https://a.example/x.js"]);
    }

    #[test]
    fn pages_that_take_long_to_read_are_given_up() {
        let nested = "<a b".repeat(20_000);
        assert_eq!(pieces(&nested, false), None);
        assert_eq!(pieces(&"<!--".repeat(20_000), false), None);
        assert_eq!(pieces(&"<!---->".repeat(20_000), false), Some(Vec::new()));
    }

    #[test]
    fn a_script_is_judged_where_it_stands() {
        let file = |text: &str| PackageFile { path: "a.html".into(), bytes: text.into() };
        let mut examined = Examined::default();
        let found = read(&file("<p>\n<script>\nf()</script>"), &mut examined);
        assert_eq!((found.len(), examined.problems.len()), (1, 0));
        assert!(found.iter().all(|(_, facts)| facts.spans.iter().all(|span| span.start >= 12)));
        read(&file("<script>{{ x }</script>"), &mut examined);
        let codes: Vec<_> = examined.problems.iter().map(|p| p.code.as_str()).collect();
        assert_eq!(codes, ["scan/page-script"]);
    }
}
