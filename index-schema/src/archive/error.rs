//! Why bytes are not an archive of the profile, and why files cannot become one.

use crate::{limits, path::PathError};

/// Why an archive is refused, or why files cannot be packed.
///
/// Names from inside an archive are shown with everything unprintable escaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// More bytes than an archive may have.
    #[error("an archive has at most {max} bytes, this has {0}", max = limits::ARCHIVE)]
    TooLarge(usize),
    /// Not gzip, or gzip with a header that says more than it has to.
    #[error("expected the gzip header `1f8b08000000000000ff`, found `{0}`")]
    GzipHeader(String),
    /// The deflate stream breaks its own rules.
    #[error("the compressed stream is malformed near byte {0}")]
    GzipData(usize),
    /// The gzip member stops before its end.
    #[error("the archive ends within the gzip member")]
    GzipTruncated,
    /// The CRC-32 at the end of the gzip member is not that of its content.
    #[error("the gzip checksum is {stated:08x}, but the content has {actual:08x}")]
    GzipChecksum {
        /// What the trailer says.
        stated: u32,
        /// What was computed.
        actual: u32,
    },
    /// The length at the end of the gzip member is not that of its content.
    #[error("the gzip trailer states {stated} bytes, but the content has {actual}")]
    GzipLength {
        /// What the trailer says.
        stated: u32,
        /// What was counted.
        actual: usize,
    },
    /// Bytes after the gzip member: another member, another archive, garbage.
    #[error("expected nothing after the gzip member, found {0} more bytes")]
    TrailingData(usize),
    /// The stream expands like a decompression bomb.
    #[error("{read} bytes expand to {written} and more, over {max} times as many", max = limits::RATIO)]
    Bomb {
        /// Bytes of the archive read so far.
        read: usize,
        /// Bytes of the tar stream written so far.
        written: usize,
    },
    /// The stream is cut into blocks that cost far more work than they hold content.
    #[error("the compressed stream takes {blocks} blocks for {written} bytes, too many by far")]
    Blocks {
        /// Blocks begun so far.
        blocks: usize,
        /// Bytes of the tar stream written so far.
        written: usize,
    },
    /// The tar stream is too long.
    #[error("an archive unpacks to at most {max} bytes, this to more", max = limits::UNPACKED)]
    UnpackedTooLarge,
    /// Too many entries.
    #[error("an archive has at most {max} entries, folders included", max = limits::ENTRIES)]
    TooManyEntries,
    /// The tar stream stops within an entry.
    #[error("the tar stream ends within `{0}`")]
    TarTruncated(String),
    /// The tar stream stops without the two blocks of zeros.
    #[error("the tar stream does not end in two blocks of zeros")]
    TarEnd,
    /// Bytes after the two blocks of zeros.
    #[error("expected nothing after the two blocks of zeros at the end, found {0} bytes")]
    AfterEnd(usize),
    /// The checksum of a header is wrong or not written as the profile writes it.
    #[error("the header of `{entry}` has the checksum `{found}`, expected `{expected}`")]
    HeaderChecksum {
        /// The name in the header.
        entry: String,
        /// The field, escaped.
        found: String,
        /// What it has to be, escaped.
        expected: String,
    },
    /// A header that is not POSIX ustar.
    #[error("the header of `{0}` is not ustar")]
    Magic(String),
    /// A link, device, extension header, or anything else that is not a file or folder.
    #[error("`{entry}` has the type {kind}; only files (`0`) and folders (`5`) are allowed")]
    EntryType {
        /// The name in the header.
        entry: String,
        /// The type flag, escaped, and what it stands for.
        kind: String,
    },
    /// Permissions other than the two of the profile.
    #[error("`{entry}` has the mode `{mode}`; expected 0000644 or 0000755, for folders 0000755")]
    Mode {
        /// The name in the header.
        entry: String,
        /// The field, escaped.
        mode: String,
    },
    /// A size that is not eleven octal digits and a NUL, or that a folder should not have.
    #[error("`{entry}` has the size `{size}`; expected eleven octal digits, for folders zeros")]
    Size {
        /// The name in the header.
        entry: String,
        /// The field, escaped.
        size: String,
    },
    /// The name of a folder has to end in a slash, that of a file must not.
    #[error("`{0}`: the name of a folder ends in `/`, the name of a file does not")]
    Slash(String),
    /// A path that is not portable or leaves the top folder.
    #[error("`{entry}`: {source}")]
    Path {
        /// The name in the header.
        entry: String,
        /// What is wrong with it.
        source: PathError,
    },
    /// A path that the two name fields of a ustar header cannot hold.
    #[error("`{0}` is too long for a tar header: no `/` splits it into 155 and 100 bytes")]
    PathSplit(String),
    /// There is no entry at all.
    #[error("the archive is empty; expected the top folder `<name>-<version>/`")]
    NoTopFolder,
    /// The first entry is not the top folder, or another entry lies outside of it.
    #[error("expected the top folder `{expected}/`, found `{entry}`")]
    TopFolder {
        /// The name in the header.
        entry: String,
        /// The folder, or the form that it has.
        expected: String,
    },
    /// The same path twice.
    #[error("`{0}` is there twice")]
    Duplicate(String),
    /// Two paths that are one on systems that ignore case.
    #[error("`{0}` and `{1}` differ only in upper and lower case")]
    CaseCollision(String, String),
    /// A file that is also a folder, or has other entries below it.
    #[error("`{0}` is both a file and a folder")]
    FileAsParent(String),
    /// An entry whose folder has no entry before it.
    #[error("the folder of `{0}` has no entry of its own")]
    MissingParent(String),
    /// Entries in another order than that of their names' bytes.
    #[error("`{0}` is out of order: entries are sorted by the bytes of their names")]
    NotSorted(String),
    /// Written again, the archive would differ: a field or padding is not in the one allowed form.
    #[error("`{entry}` is not in canonical form: {field} differs from what it has to be")]
    NotCanonical {
        /// The entry whose header or content differs.
        entry: String,
        /// The first part of it that differs.
        field: &'static str,
    },
}

impl ArchiveError {
    /// Returns the stable code of this refusal.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge(_) => "archive/too-large",
            Self::GzipHeader(_) => "archive/gzip-header",
            Self::GzipData(_) => "archive/gzip-data",
            Self::GzipTruncated => "archive/gzip-truncated",
            Self::GzipChecksum { .. } => "archive/gzip-checksum",
            Self::GzipLength { .. } => "archive/gzip-length",
            Self::TrailingData(_) => "archive/trailing-data",
            Self::Bomb { .. } => "archive/bomb",
            Self::Blocks { .. } => "archive/gzip-blocks",
            Self::UnpackedTooLarge => "archive/unpacked-too-large",
            Self::TooManyEntries => "archive/too-many-entries",
            Self::TarTruncated(_) => "archive/tar-truncated",
            Self::TarEnd => "archive/tar-end",
            Self::AfterEnd(_) => "archive/after-end",
            Self::HeaderChecksum { .. } => "archive/header-checksum",
            Self::Magic(_) => "archive/magic",
            Self::EntryType { .. } => "archive/entry-type",
            Self::Mode { .. } => "archive/mode",
            Self::Size { .. } => "archive/size",
            Self::Slash(_) => "archive/slash",
            Self::Path { .. } => "archive/path",
            Self::PathSplit(_) => "archive/path-split",
            Self::NoTopFolder | Self::TopFolder { .. } => "archive/top-folder",
            Self::Duplicate(_) => "archive/duplicate",
            Self::CaseCollision(..) => "archive/case-collision",
            Self::FileAsParent(_) => "archive/file-as-parent",
            Self::MissingParent(_) => "archive/missing-parent",
            Self::NotSorted(_) => "archive/not-sorted",
            Self::NotCanonical { .. } => "archive/not-canonical",
        }
    }
}
