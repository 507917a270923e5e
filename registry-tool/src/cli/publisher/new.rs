//! The command `registry-tool publisher new`.

use std::path::PathBuf;

use index_schema::id::PublisherId;
use index_schema::layout::IndexPath;
use index_schema::text::Line;
use index_schema::url::HttpsUrl;

use super::signers;
use crate::cli::{CommandError, CommandResult, Context, Outcome, print};
use crate::membership::{Application, first_record};
use crate::signer::{Signer, signed};
use crate::{intake, repository};

/// Write the first record of a publisher into an index repository.
///
/// Every key that is listed signs, which shows that somebody holds it. A maintainer has to approve
/// the record before it counts: `registry-tool approve`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The id of the publisher, such as `lab`.
    id: PublisherId,
    /// The index repository.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// A certificate (FILE.pub of `key new`); once for each key.
    #[arg(long, value_name = "FILE", required = true)]
    cert: Vec<PathBuf>,
    /// The secret key of a certificate; once for each.
    #[arg(long, value_name = "FILE", required_unless_present = "gpg")]
    key: Vec<PathBuf>,
    /// Sign with a key that GnuPG keeps, instead of or beside --key.
    #[arg(long, value_name = "KEYID")]
    gpg: Vec<String>,
    /// What people call the publisher; its id where nothing is given.
    #[arg(long, value_name = "TEXT", value_parser = Line::<80>::parse)]
    title: Option<Line<80>>,
    /// The publisher's page.
    #[arg(long, value_name = "URL")]
    homepage: Option<HttpsUrl>,
    /// How many of the keys have to sign a release.
    #[arg(long, value_name = "N", default_value_t = 1)]
    threshold: u32,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let registry = repository::registry_of(&args.index)?;
    let application = Application {
        registry,
        id: args.id.clone(),
        title: args.title.clone().map_or_else(|| Line::parse(args.id.as_str()), Ok)?,
        homepage: args.homepage.clone(),
        threshold: args.threshold,
    };
    let certificates = args.cert.iter().map(|path| Ok(crate::signer::read_key(path)?));
    let certificates = certificates.collect::<Result<Vec<_>, CommandError>>()?;
    let record = first_record(application, &certificates)?;
    let signers: Vec<Signer> = signers(&args.key, &args.gpg);
    let bytes = signed(&record, &signers, context.now)?;
    let path = IndexPath::Publisher(args.id.clone(), 1);
    intake::put(&args.index, &path, &bytes)?;
    let fingerprints: Vec<String> =
        record.certificates.iter().map(|entry| entry.fingerprint.to_string()).collect();
    if args.json {
        let value = serde_json::json!({
            "schema": "registry-tool.publisher-new/1",
            "publisher": &args.id,
            "path": &path,
            "keys": fingerprints,
        });
        print(&format!("{value:#}\n"))?;
        return Ok(Outcome::Done);
    }
    print(&format!("{path}\nkeys: {}\n", fingerprints.join(", ")))?;
    context.say("next: a maintainer approves it: `registry-tool check` names the finding")?;
    Ok(Outcome::Done)
}
