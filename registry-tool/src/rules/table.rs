//! Every code that a finding can have: its level, what it means, and what to do about it.
//!
//! The table is the documentation: `registry-tool explain` prints it.

use crate::finding::Level::{self, Error, Review, Warning};

/// A code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The code, which stays what it is for ever.
    pub code: &'static str,
    /// How a finding of this code weighs.
    pub level: Level,
    /// What it means, in a sentence.
    pub summary: &'static str,
    /// What to do about it; empty where the finding itself says so.
    pub remedy: &'static str,
}

const fn entry(
    code: &'static str,
    level: Level,
    summary: &'static str,
    remedy: &'static str,
) -> Entry {
    Entry { code, level, summary, remedy }
}

/// Returns what the table says of a code.
pub fn find(code: &str) -> Option<&'static Entry> {
    TABLE.iter().find(|entry| entry.code == code)
}

/// Returns the code that is spelled most like `code`.
pub fn nearest(code: &str) -> &'static str {
    let distance = |entry: &&Entry| strsim::damerau_levenshtein(entry.code, code);
    TABLE.iter().min_by_key(distance).map_or("json/syntax", |entry| entry.code)
}

/// Every code.
#[rustfmt::skip]
pub const TABLE: &[Entry] = &[
    entry("json/syntax", Error, "the document is not JSON (RFC 8259)", ""),
    entry("json/utf8", Error, "the document is not UTF-8", ""),
    entry("json/byte-order-mark", Error, "a byte order mark stands in front of the document", "save the file as UTF-8 without one"),
    entry("json/too-long", Error, "the document is longer than its kind may be", ""),
    entry("json/too-deep", Error, "arrays and objects are nested too deeply", ""),
    entry("json/duplicate-member", Error, "a name stands twice in one object: readers would disagree on which counts", ""),
    entry("json/forbidden-character", Error, "a string holds a control or bidirectional character", ""),
    entry("json/lone-surrogate", Error, "a string escapes half of a surrogate pair", ""),
    entry("json/wrong-kind", Error, "a value is of another kind than its field wants", ""),
    entry("json/number", Error, "a number is not a whole number within its range", ""),
    entry("json/missing-field", Error, "a field that has to be there is missing", ""),
    entry("json/unknown-field", Error, "a field that no document of this kind has", ""),
    entry("json/unknown-word", Error, "a word that is not one of those the field allows", ""),
    entry("document/text", Error, "a text is empty, too long, not trimmed, or holds forbidden characters", ""),
    entry("document/list", Error, "a list has too few, too many or equal items", ""),
    entry("statement/no-newline", Error, "the document does not end with a newline before its signatures", ""),
    entry("statement/wrong-type", Error, "the statement is of another type than its place wants", ""),
    entry("statement/newer-schema", Error, "the statement has a schema that this version does not read", "update registry-tool"),
    entry("shape/path", Error, "an index repository has no file at this path", "`registry-tool add` puts statements where they belong"),
    entry("shape/misplaced", Error, "the statement belongs at another path", "`registry-tool add` puts statements where they belong"),
    entry("shape/too-long", Error, "the file is larger than its place allows", ""),
    entry("shape/kind", Error, "a link, submodule or executable file stands where only ordinary files may", ""),
    entry("shape/modified", Error, "the work tree changes a file that was accepted", "publish a new version, or a statement with the next serial"),
    entry("shape/deleted", Error, "the work tree lacks a file that was accepted", "restore it: `git checkout -- PATH`"),
    entry("history/modified", Error, "a commit changed a file that was accepted before", ""),
    entry("history/deleted", Error, "a commit deleted a file that was accepted before", ""),
    entry("history/readded", Error, "a commit added a path again that was taken before", ""),
    entry("history/backwards", Error, "a commit of the main line claims to be older than its parent", ""),
    entry("history/foreign-line", Error, "a commit of the main line was made by somebody the registry record does not name", ""),
    entry("name/registry", Error, "a registry id has another form", ""),
    entry("name/publisher", Error, "a publisher id has another form, or is reserved", ""),
    entry("name/plugin", Error, "a plugin name has another form, or is reserved", ""),
    entry("name/plugin-id", Error, "a plugin id is not publisher/name, or a part of it is malformed or reserved", ""),
    entry("name/statement", Error, "the id of a statement has another form", ""),
    entry("name/word", Error, "a category or keyword has another form", ""),
    entry("name/equal-but-hyphens", Error, "the name differs from another of the same publisher in hyphens alone", ""),
    entry("name/look-alike", Review, "the name can be taken for another plugin's", ""),
    entry("digest/malformed", Error, "a digest is not 64 lower-case hexadecimal digits", ""),
    entry("fingerprint/malformed", Error, "a fingerprint is not 40 or 64 upper-case hexadecimal digits", ""),
    entry("time/malformed", Error, "a time is not of the form 2026-11-23T14:07:00Z", ""),
    entry("path/malformed", Error, "a path inside a package is not relative and portable", ""),
    entry("url/malformed", Error, "a URL is not one that a document may carry", ""),
    entry("license/malformed", Error, "the licence is not an SPDX expression", "see spdx.org/licenses"),
    entry("version/malformed", Error, "a version is not Semantic Versioning 2.0.0 in lower case", ""),
    entry("version/too-long", Error, "name and version are too long for the top folder of an archive", ""),
    entry("version/duplicate", Error, "the version is out already; build metadata does not tell releases apart", "take the next version"),
    entry("version/not-increasing", Error, "a higher version of the same compatible series is out already", "take a higher version, or start another series"),
    entry("requirement/malformed", Error, "a requirement is not of Cargo's grammar", "write `^1.2`, `>=1, <3` or `^1 || ^3`"),
    entry("permission/malformed", Error, "the name of a permission has another form", ""),
    entry("permission/unknown", Error, "neither the vocabulary nor the host application knows the permission", ""),
    entry("permission/repeated", Error, "a permission is asked for twice", "put all scopes into one entry"),
    entry("permission/scope", Error, "the permission has no scope", ""),
    entry("pricing/currency", Error, "a currency is not a code of ISO 4217", ""),
    entry("category/unknown", Error, "the registry record does not list the category", ""),
    entry("runtime/no-entry", Error, "a plugin that runs does not say which file is started", ""),
    entry("artifact/platform", Error, "a platform is malformed, or named twice", ""),
    entry("artifact/not-https", Warning, "an archive lies where users do not fetch it from unless told to", ""),
    entry("artifact/missing", Error, "no place delivers the archive", "upload the archive before proposing the release"),
    entry("artifact/size", Error, "the archive has another size than the manifest says", "pack again and sign the new manifest"),
    entry("artifact/digest", Error, "the archive is another one than the manifest names", "pack again and sign the new manifest"),
    entry("artifact/tar-digest", Error, "the tar stream is another one than the manifest names", "pack again and sign the new manifest"),
    entry("artifact/counts", Error, "the archive unpacks to other counts than the manifest says", "pack again and sign the new manifest"),
    entry("unjudged/unreachable", Error, "a server could not be reached, so nobody knows", "try again later"),
    entry("dependency/unknown", Error, "a plugin that is needed does not exist", ""),
    entry("dependency/unresolvable", Error, "a resolver finds no releases that the release can be installed with", ""),
    entry("dependency/itself", Error, "a plugin names itself as dependency or conflict", ""),
    entry("dependency/contradiction", Error, "a plugin is needed and excluded at once", ""),
    entry("dependency/too-many", Error, "more dependencies than a release may have", ""),
    entry("identity/unknown-publisher", Error, "the publisher does not exist, or its keys do not count", "a new publisher starts with `registry-tool publisher new`"),
    entry("identity/other-publisher", Error, "the statement is by another publisher than the keys", ""),
    entry("identity/other-registry", Error, "the statement was made for another registry", ""),
    entry("identity/too-early", Error, "the statement was accepted before the publisher's keys", ""),
    entry("signature/missing", Error, "no signature follows the document", "`registry-tool sign` adds one"),
    entry("signature/garbage", Error, "what follows the document is not a row of armored signatures", ""),
    entry("signature/too-long", Error, "the signatures are longer than the ceiling", ""),
    entry("signature/too-many", Error, "there are more signatures than the ceiling", ""),
    entry("signature/no-issuer", Error, "a signature does not name the key that made it", ""),
    entry("signature/no-time", Error, "a signature does not say when it was made", ""),
    entry("signature/unknown-key", Error, "a signature is by a key that may not sign this", ""),
    entry("signature/other-publisher", Error, "a signature is by a key of another publisher", ""),
    entry("signature/wrong-type", Error, "a signature is not one over a binary document", "sign with `gpg --detach-sign`, not `--clearsign` or `--textmode`"),
    entry("signature/weak-hash", Error, "a signature stands on a hash that can be forged", "sign with SHA-256 or better"),
    entry("signature/unsupported", Error, "a signature uses something that is not understood", ""),
    entry("signature/backdated", Error, "a signature claims to be more than 30 days older than its acceptance", "sign again"),
    entry("signature/future", Error, "a signature claims a time after its acceptance", "set the clock and sign again"),
    entry("signature/expired", Error, "a signature had expired when it was accepted", ""),
    entry("signature/not-for-signing", Error, "the key is not for signing", ""),
    entry("signature/key-not-valid", Error, "nothing in the certificate makes the key valid at that time", ""),
    entry("signature/key-expired", Error, "the key had expired", "extend its expiry and publish the certificate"),
    entry("signature/key-revoked", Error, "the key was revoked", ""),
    entry("signature/weak-key", Error, "the key is too weak", "use Ed25519, or RSA with 2048 bits or more"),
    entry("signature/wrong", Error, "the signature is not one of these bytes", "sign the file again, as it is"),
    entry("signature/retired-key", Error, "the key is retired", ""),
    entry("signature/compromised-key", Error, "the key is compromised", ""),
    entry("signature/below-threshold", Error, "too few keys signed", "`registry-tool sign FILE.signed --key FILE` adds a signature"),
    entry("certificate/too-large", Error, "a certificate is larger than the ceiling", "export it minimally: `gpg --export-options export-minimal`"),
    entry("certificate/garbage", Error, "this is not a certificate", ""),
    entry("certificate/secret-key", Error, "the file holds a secret key: it has to be taken as stolen", "revoke it, make a new one, and publish the certificate alone"),
    entry("certificate/not-one", Error, "there is not exactly one certificate", ""),
    entry("certificate/too-many-packets", Error, "a certificate has more packets than the ceiling", "export it minimally"),
    entry("certificate/too-many-subkeys", Error, "a certificate has more subkeys than the ceiling", ""),
    entry("certificate/weak-key", Error, "a key of the certificate is too weak", ""),
    entry("certificate/algorithm", Error, "a key uses an algorithm that does not count", ""),
    entry("certificate/weak-binding", Error, "a binding of the certificate stands on a weak hash", ""),
    entry("certificate/fingerprint", Error, "the record gives another fingerprint than the certificate has", ""),
    entry("chain/not-first", Error, "a chain starts at serial 1", ""),
    entry("registry/missing", Error, "there is no registry record that counts", "`registry-tool init` makes a registry"),
    entry("registry/later-serial", Error, "a later record of the registry, which this version does not follow", ""),
    entry("registry/serial", Error, "the serial of a registry record starts at 1", ""),
    entry("registry/threshold", Error, "a role asks for more maintainers than there are", ""),
    entry("registry/repeated-key", Error, "two maintainers have the same key", ""),
    entry("registry/host-permission", Error, "a permission of the host does not start with `host.`", ""),
    entry("trust/no-root", Error, "TUF metadata have no trusted root before them", "`registry-tool key ceremony` makes the first root"),
    entry("trust/refused", Error, "TUF metadata do not continue what clients trust", ""),
    entry("plugin/too-large", Error, "the document of the plugin has no room for more releases", "start another plugin, and name it as successor"),
    entry("publisher/new", Review, "a new publisher: a maintainer has to look at its name and keys", "`registry-tool approve --finding FINGERPRINT`"),
    entry("publisher/later-serial", Error, "a later record of a publisher, which this version does not follow", ""),
    entry("publisher/no-possession", Error, "a key is listed as active but did not sign the record", "sign the record with every key"),
    entry("publisher/serial", Error, "the serial of a publisher record starts at 1", ""),
    entry("publisher/threshold", Error, "the threshold is not between 1 and the number of active keys", ""),
    entry("publisher/repeated-key", Error, "a key stands twice in the record", ""),
    entry("publisher/since", Error, "`since` goes with the state `compromised`", ""),
    entry("approval/mismatch", Error, "the approval is not for this statement and finding", ""),
    entry("approval/late", Error, "the approval was accepted after what it approves", ""),
    entry("approval/finding", Error, "the fingerprint of a finding has another form", ""),
    entry("status/version", Error, "`version` goes with yank and unyank", ""),
    entry("status/yank-only", Error, "`severity` and `replacement` go with yank", ""),
    entry("status/deprecate-only", Error, "`successor` goes with deprecate", ""),
    entry("status/serial", Error, "the serials of status statements start at 1", ""),
    entry("status/serial-gap", Error, "the serials of status statements have no gaps", ""),
    entry("status/unknown-plugin", Error, "the plugin does not exist", ""),
    entry("status/unknown-version", Error, "the release does not exist", ""),
    entry("archive/no-readme", Error, "the archive has no README in its top folder", ""),
    entry("archive/no-license", Error, "the archive has no LICENSE in its top folder", ""),
    entry("archive/hidden", Error, "a file in the archive is hidden", "`registry-tool pack` leaves such files out"),
    entry("archive/no-entry", Error, "the file that is to be started is not in the archive", ""),
    entry("archive/too-large", Error, "the archive is larger than the ceiling", ""),
    entry("archive/gzip-header", Error, "the gzip header is not the one of plugin-tar/1", "`registry-tool pack` writes the right one"),
    entry("archive/gzip-data", Error, "the compressed data cannot be read", ""),
    entry("archive/gzip-truncated", Error, "the compressed data ends too early", ""),
    entry("archive/gzip-checksum", Error, "the checksum at the end of the gzip member is wrong", ""),
    entry("archive/gzip-length", Error, "the length at the end of the gzip member is wrong", ""),
    entry("archive/gzip-blocks", Error, "the compressed data are cut into blocks that only waste time", ""),
    entry("archive/trailing-data", Error, "something follows the gzip member", ""),
    entry("archive/bomb", Error, "the archive unpacks to far more than it holds", ""),
    entry("archive/unpacked-too-large", Error, "the archive unpacks to more than the ceiling", ""),
    entry("archive/too-many-entries", Error, "the archive has more files and folders than the ceiling", ""),
    entry("archive/tar-truncated", Error, "the tar stream ends too early", ""),
    entry("archive/tar-end", Error, "the tar stream does not end with two zero blocks", ""),
    entry("archive/after-end", Error, "something follows the end of the tar stream", ""),
    entry("archive/header-checksum", Error, "the checksum of a tar header is wrong", ""),
    entry("archive/magic", Error, "a tar header is not ustar", ""),
    entry("archive/entry-type", Error, "an entry is neither a file nor a folder", ""),
    entry("archive/mode", Error, "an entry has another mode than 0644 or 0755", ""),
    entry("archive/size", Error, "a tar header says an impossible size", ""),
    entry("archive/slash", Error, "the name of a folder ends without `/`, or that of a file with one", ""),
    entry("archive/path", Error, "the path of an entry is not relative and portable", ""),
    entry("archive/path-split", Error, "a long path is not split where plugin-tar/1 splits it", ""),
    entry("archive/top-folder", Error, "the archive does not hold exactly one folder <name>-<version>", ""),
    entry("archive/duplicate", Error, "two entries have the same path", ""),
    entry("archive/case-collision", Error, "two paths differ in case alone", ""),
    entry("archive/file-as-parent", Error, "a file is used as a folder", ""),
    entry("archive/missing-parent", Error, "the folder of an entry has no entry", ""),
    entry("archive/not-sorted", Error, "the entries are not sorted by their bytes", ""),
    entry("scan/undeclared", Error, "the plugin can do something that its manifest does not declare", "declare the permission, or do without"),
    entry("scan/scope", Error, "a constant reaches outside of the scope that the manifest declares", "widen the scope, or do without"),
    entry("scan/unused-permission", Warning, "the manifest declares a permission that nothing was found to need", "leave it out"),
    entry("scan/unresolved", Review, "a part of something sensitive is used by a name that cannot be seen", "name the part that is meant"),
    entry("scan/hidden-execution", Error, "what is run is hidden from those who read the plugin", "no permission allows this"),
    entry("scan/package-install", Error, "the plugin installs software that nobody has checked", "no permission allows this"),
    entry("scan/install-hook", Error, "something runs by itself when the plugin is installed or an interpreter starts", "no permission allows this"),
    entry("scan/introspection", Error, "the plugin reaches into the interpreter to get around its limits", "no permission allows this"),
    entry("scan/disguised-name", Error, "a name is written with characters that only look like those it means", "write the name in plain letters"),
    entry("scan/bidirectional", Error, "a control character makes the source read otherwise than it runs", "remove the character"),
    entry("scan/invisible-text", Error, "the source has text that nobody can see", "remove the characters"),
    entry("scan/control-character", Error, "the source has a control character, so it was not analysed", "remove the character"),
    entry("scan/encoding", Error, "the source is not UTF-8, so it was not analysed", "save the file as UTF-8"),
    entry("scan/too-large", Error, "a source file is larger than the ceiling, so it was not analysed", "split the file"),
    entry("scan/too-deep", Error, "a source file nests more deeply than programs do, so it was not analysed", "write it flatter"),
    entry("scan/too-complex", Error, "a source file takes too long to analyse, so what it does is not known", "write it more plainly"),
    entry("scan/unparsable", Error, "a source file cannot be read as what it is, so it was not analysed", ""),
    entry("scan/crash", Error, "the analysis of a file crashed, so what it does is not known", "please report it"),
    entry("scan/time-out", Error, "the analysis of a file took too long, so what it does is not known", "write it more plainly"),
    entry("scan/native-code", Review, "a file is machine code: what it does cannot be seen", ""),
    entry("scan/byte-code", Error, "a file is byte code of an interpreter, which was not analysed", "publish the source"),
    entry("scan/nested-archive", Error, "a file is an archive or compressed, and was not analysed", "put its files into the package"),
    entry("scan/two-formats", Error, "a file is two formats at once: readers disagree on what it is", ""),
    entry("scan/script", Error, "a file is a program in a language that is not analysed", ""),
    entry("archive/not-canonical", Error, "the tar stream is not what plugin-tar/1 would write", "`registry-tool pack` writes it"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_once() {
        for entry in TABLE {
            assert_eq!(
                TABLE.iter().filter(|other| other.code == entry.code).count(),
                1,
                "{}",
                entry.code
            );
        }
    }
}
