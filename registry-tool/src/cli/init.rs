//! The command `registry-tool init`.

use std::path::PathBuf;

use index_schema::id::RegistryId;
use index_schema::text::{Line, Text};
use index_schema::url::HttpsUrl;
use libral::openpgp::Certificate;

use super::{CommandError, CommandResult, Context, Outcome, print};
use crate::founding::{Founding, first_record, found};
use crate::git::Identity;
use crate::hosting;
use crate::signer::{Signer, read_key, signed};
use crate::signing;

/// Make a new index repository: the registry record and the first commit.
///
/// For GitHub it comes with workflows that judge pull requests, report on them, and publish; with
/// the script that they run, which serves other Git hosts, too; and with the action that installs
/// this program. registry-tool/HOSTING.md says what to set up on the host.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder of the new repository.
    dir: PathBuf,
    /// The id of the registry, such as `libral`.
    #[arg(long)]
    id: RegistryId,
    /// What people call the registry.
    #[arg(long, value_parser = Line::<80>::parse)]
    title: Line<80>,
    /// The secret key of the first maintainer (from `key new`).
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The application that the plugins are for.
    #[arg(long, default_value = "Libral Core", value_parser = Line::<80>::parse)]
    host: Line<80>,
    /// The registry's page.
    #[arg(long, value_name = "URL")]
    homepage: Option<HttpsUrl>,
    /// The code host for which automation is written into `.github`.
    #[arg(long, value_enum, default_value = "github")]
    hosting: Hosting,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Hosting {
    /// GitHub Actions and Pages.
    Github,
    /// A Git repository anywhere: the script alone, as a hook.
    Git,
    /// No automation.
    None,
}

impl Hosting {
    const fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Github => hosting::GITHUB,
            Self::Git => hosting::GIT,
            Self::None => &[],
        }
    }
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let secret = read_key(&args.key)?;
    let armored = signing::armored_certificate_of(&secret)?;
    let certificate = Certificate::parse(armored.as_bytes())?;
    let user_id = certificate.user_ids().into_iter().next().unwrap_or_default();
    let founding = Founding {
        id: args.id.clone(),
        title: args.title.clone(),
        homepage: args.homepage.clone(),
        host: args.host.clone(),
        maintainer: maintainer_name(&user_id, &args.title)?,
        certificate: Text::parse(&armored)?,
        fingerprint: certificate.fingerprint().clone(),
    };
    let record = first_record(founding);
    let bytes = signed(&record, &[Signer::File(args.key.clone())], context.now)?;
    let by = identity(&user_id);
    let readme = readme(args);
    let mut beside = vec![("README.md", readme.as_str())];
    beside.extend(args.hosting.files());
    found(&args.dir, &bytes, &beside, &by, context.now)?;
    if args.json {
        let value = serde_json::json!({
            "schema": "registry-tool.init/1",
            "registry": &args.id,
            "folder": args.dir,
            "maintainer": certificate.fingerprint(),
        });
        print(&format!("{value:#}\n"))?;
        return Ok(Outcome::Done);
    }
    print(&format!(
        "`{}` is founded in {}\nmaintainer: {user_id} {}\nnext: registry-tool key ceremony --index {} --root-keys DIR --online-keys DIR\n",
        args.id,
        args.dir.display(),
        certificate.fingerprint(),
        args.dir.display(),
    ))?;
    Ok(Outcome::Done)
}

/// The name in front of the address, or the registry's title where there is none.
fn maintainer_name(user_id: &str, title: &Line<80>) -> Result<Line<80>, CommandError> {
    let name = user_id.split('<').next().unwrap_or_default().trim();
    let name: String = name.chars().take(80).collect();
    Ok(if name.is_empty() { title.clone() } else { Line::parse(name.trim())? })
}

/// Makes a committer out of a key's user id.
pub(super) fn identity(user_id: &str) -> Identity {
    let (name, rest) = user_id.split_once('<').unwrap_or((user_id, ""));
    let email = rest.trim_end_matches('>').trim();
    let name = if name.trim().is_empty() { "registry" } else { name.trim() };
    Identity { name: name.to_owned(), email: email.to_owned() }
}

fn readme(args: &Args) -> String {
    format!(
        "# {}\n\nThis is the index repository of the plugin registry `{}`.\n\n\
         Every file below `registry/`, `publishers/`, `plugins/` and `moderation/` is a signed\n\
         statement. Files are only ever added. `registry-tool check --index .` says what is wrong\n\
         with a change before it is proposed.\n",
        args.title, args.id
    )
}
