//! Every ceiling, in one place. A registry may lower them, never raise them.
//!
//! Sizes are bytes. Each is enforced while reading, before the thing is parsed.

/// A release manifest, status, moderation or registry document without its signatures.
pub const MANIFEST: usize = 64 * KIB;
/// The signatures of a statement file: checking many is quadratic.
pub const SIGNATURES: usize = 8 * KIB;
/// OpenPGP packets in the signatures of a statement file.
pub const SIGNATURE_PACKETS: usize = 16;
/// One armored certificate.
pub const CERTIFICATE: usize = 64 * KIB;
/// OpenPGP packets in one certificate: placing names and signatures is quadratic.
pub const CERTIFICATE_PACKETS: usize = 256;
/// Subkeys of one certificate.
pub const SUBKEYS: usize = 8;
/// A publisher or registry record without its signatures: it carries certificates.
pub const PUBLISHER: usize = 256 * KIB;
/// The statements of a publisher's chain, one after the other.
pub const CHAIN: usize = 4 * MIB;
/// Records of a publisher's chain, and of the registry's.
pub const RECORDS: usize = 256;
/// What maintainers said of a publisher, one statement after the other.
pub const PUBLISHER_STATUS: usize = 512 * KIB;
/// How many such statements of one publisher there are.
pub const PUBLISHER_STATUSES: usize = 64;
/// Advisories that name one plugin.
pub const ADVISORIES: usize = 128;
/// A plugin document of the compiled index.
pub const PLUGIN_DOCUMENT: usize = MIB;
/// The catalogue of the compiled index.
pub const CATALOG: usize = 128 * MIB;
/// An archive as delivered.
pub const ARCHIVE: usize = 64 * MIB;
/// The tar stream inside an archive.
pub const UNPACKED: usize = 256 * MIB;
/// How many times larger than what was read so far the tar stream may be, after its first MiB.
pub const RATIO: usize = 100;
/// Entries of an archive, folders included.
pub const ENTRIES: usize = 10_000;
/// Components of a path in an archive, the top folder included.
pub const DEPTH: usize = 16;
/// A path in an archive.
pub const PATH: usize = 200;
/// Releases of one plugin.
pub const VERSIONS: usize = 10_000;
/// Dependencies of one release, of each of the three kinds.
pub const DEPENDENCIES: usize = 200;
/// A file of TUF metadata.
pub const TUF: usize = 16 * MIB;
/// TUF root and timestamp metadata, whose size nobody announces.
pub const TUF_UNANNOUNCED: usize = 512 * KIB;
/// TUF roots followed in one update.
pub const TUF_ROOTS: usize = 256;
/// TUF roles asked about one target.
pub const TUF_VISITS: usize = 32;
/// Nested arrays and objects of a JSON document.
pub const JSON_DEPTH: usize = 32;
/// Redirects of one request; none may leave https.
pub const REDIRECTS: u32 = 5;
/// The least that a server has to send within [`THROUGHPUT_WINDOW`] seconds.
pub const THROUGHPUT: u64 = 30 * 1024;
/// The window, in seconds, in which a server has to send [`THROUGHPUT`].
pub const THROUGHPUT_WINDOW: u64 = 30;

/// 1,024 bytes.
pub const KIB: usize = 1024;
/// 1,048,576 bytes.
pub const MIB: usize = 1024 * KIB;
