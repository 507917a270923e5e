//! Sequoia's `sq`, whose options were renamed over time.

use std::path::Path;

use crate::support::{output, run};

/// Returns the first of `options` that a command of `sq` knows: they were renamed over time.
fn known<'o>(command: [&str; 2], options: &[&'o str]) -> Option<&'o str> {
    let command = command.iter().filter(|word| !word.is_empty());
    let help = run("sq", &command.chain(&["--help"]).collect::<Vec<_>>(), b"").stdout;
    let help = String::from_utf8(help).unwrap();
    options.iter().find(|option| help.contains(*option)).copied()
}

/// Makes a key without a password.
pub(crate) fn key(file: &Path, suite: &str) {
    let generate = ["key", "generate"];
    let mut args = vec!["key", "generate", "--userid", "Ada <ada@example.org>"];
    args.extend(["--cipher-suite", suite]);
    args.extend(known(generate, &["--own-key"]));
    args.extend(known(generate, &["--without-password"]));
    let revocation = file.with_extension("rev");
    args.extend(["--rev-cert", revocation.to_str().unwrap()]);
    args.extend(known(generate, &["--export", "--output"]));
    args.push(file.to_str().unwrap());
    output("sq", &args, b"");
}

/// Signs a document with the key in a file.
pub(crate) fn sign(file: &Path, document: &[u8]) -> String {
    let sign = ["sign", ""];
    let mut args = vec!["sign"];
    args.extend(known(sign, &["--signer-key", "--signer-file"]));
    args.push(file.to_str().unwrap());
    args.push(known(sign, &["--detached", "--signature-file"]).unwrap());
    String::from_utf8(output("sq", &args, document)).unwrap()
}

/// Returns the certificate of the key in a file.
pub(crate) fn certificate(file: &Path) -> Vec<u8> {
    let name = file.to_str().unwrap();
    if run("sq", &["key", "extract-cert", "--help"], b"").status.success() {
        output("sq", &["key", "extract-cert", name], b"")
    } else {
        output("sq", &["key", "delete", "--cert-file", name, "--output", "-"], b"")
    }
}
