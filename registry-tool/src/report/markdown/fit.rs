//! Cutting a page to a length that code hosts take.

/// The most bytes of a page: GitHub takes comments of 65,536 characters.
const MOST: usize = 60_000;

const END: &str = "\nThe page is longer than a comment may be, and ends here.\n";

/// Returns the page, or as many whole lines of it as fit, with a word about the rest. A block of
/// code that is open where it is cut is closed.
pub(super) fn fit(page: String) -> String {
    if page.len() <= MOST {
        return page;
    }
    let mut out = String::new();
    let mut fence = "";
    for line in page.split_inclusive('\n') {
        if out.len() + line.len() + fence.len() + END.len() + 1 > MOST {
            break;
        }
        out.push_str(line);
        let ticks = line.len() - line.trim_start_matches('`').len();
        let (ticks, rest) = line.split_at_checked(ticks).unwrap_or_default();
        if fence.is_empty() && ticks.len() >= 3 && rest.trim_end() == "text" {
            fence = ticks;
        } else if ticks == fence && rest.trim().is_empty() {
            fence = "";
        }
    }
    if !fence.is_empty() {
        out.push_str(fence);
        out.push('\n');
    }
    out + END
}

#[cfg(test)]
mod tests {
    use super::super::code::block;
    use super::*;

    #[test]
    fn a_page_that_fits_stays_as_it_is() {
        let page = block("a\n```\nb\n");
        assert_eq!(fit(page.clone()), page);
    }

    #[test]
    fn a_page_that_is_cut_inside_of_code_leaves_no_code_open() {
        let hostile = "```\n@everybody\n".repeat(10_000);
        let page = format!("````text\n{hostile}````\n");
        let cut = fit(page);
        assert!(cut.len() <= MOST);
        let kept = cut.strip_suffix(END).unwrap();
        assert!(kept.ends_with("\n````\n") && kept.matches("````").count() == 2);
    }
}
