//! The command `registry-tool demo`.

use std::path::PathBuf;

use super::{CommandResult, Context, Outcome, print};
use crate::demo::make;
use crate::serve::Preview;

/// Make a whole registry, serve it to this machine, and say what to try next.
///
/// Two dozen working plugins of four publishers are packed, signed, validated, built and released
/// in DIR. An older demo in DIR is replaced; anything else there is left alone.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder to make.
    #[arg(long, default_value = "demo-registry")]
    dir: PathBuf,
    /// The port of 127.0.0.1 to serve on; 0 takes any that is free.
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// Make everything, and serve nothing.
    #[arg(long)]
    no_serve: bool,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let tell = |what: &str, command: &str| {
        let command = command.replace('\n', "\n      $ ");
        context.say(&format!("  ok  {what}\n      $ {command}"))
    };
    let made = make(&args.dir, context.now, &tell)?;
    let dir = args.dir.display();
    let preview =
        if args.no_serve { None } else { Some(Preview::new(&args.dir.join("public"), args.port)?) };
    let path = path_to_libral();
    let place = preview.as_ref().map_or_else(|| format!("{dir}/public"), Preview::url);
    print(&format!(
        "\n{} plugins in {} releases are published in {dir}/public.\nroot sha256: {}\n\n\
         Try:\n{path}\
         \x20 export LIBRAL_HOME={dir}/home\n\
         \x20 libral registry add demo {place} --root {dir}/root.json\n\
         \x20 libral search translate\n\
         \x20 libral info harbor/translate\n\
         \x20 libral install inkwell/report\n\
         \x20 echo 'Good morning!' | LIBRAL_PLUGINS={dir}/home/plugins \\\n\
         \x20   python3 {dir}/home/plugins/harbor/translate/src/main.py --to de\n\
         \x20 libral list\n\
         \x20 libral verify\n",
        made.plugins, made.releases, made.root,
    ))?;
    if let Some(preview) = preview {
        context.say(&format!("\nserving {place} to this machine alone; Ctrl-C ends it"))?;
        preview.run();
    }
    Ok(Outcome::Done)
}

/// The lines that make `libral` a command of the shell: it lies beside this program, once built.
fn path_to_libral() -> String {
    let Ok(program) = std::env::current_exe() else { return String::new() };
    let Some(folder) = program.parent() else { return String::new() };
    let name = format!("libral{}", std::env::consts::EXE_SUFFIX);
    let build = match folder.join(name).exists() {
        true => "",
        false => "  cargo build --release -p libral\n",
    };
    format!("{build}  export PATH={}:$PATH\n", folder.display())
}
