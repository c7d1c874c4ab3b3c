//! Installing a tool on Debian without touching the system's C library.
//!
//! Where the system's own suite has the tool in a version that will do, its package is the answer: `apt-get install`, which
//! needs root. Where only a newer suite has it, that suite's packages are unpacked into a private prefix, beside the C
//! library that they were built for (see [`crate::prefix`]).
//!
//! Everything is left to apt and dpkg. apt is told to keep its state, its cache and its lists inside the prefix, to read a
//! list of sources of ours that names the newer suite *on the mirror that the system uses*, and no other; so the proxy and
//! the credentials of the system's configuration stay in force, and signatures are verified against the system's keyrings,
//! by apt itself. Nothing is written outside the prefix; the hooks that a system may have added to `apt-get update` are
//! cleared, because some of them tidy the system's own cache.

use crate::catalogue;
use crate::process::{Finished, Invocation, Job, Limits, run};
use crate::tool::{Found, Places, Tool, Unusable};
use crate::version::Version;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Releases in their order; a newer one is looked at only if the system's own has nothing that will do.
const SUITES: [&str; 5] = ["bullseye", "bookworm", "trixie", "forky", "sid"];

/// Where the archive's keys are, by the name of the package that brings them.
const KEYRINGS: [&str; 2] =
    ["/usr/share/keyrings/debian-archive-keyring.gpg", "/usr/share/keyrings/debian-archive-keyring.pgp"];

/// Time for one command of apt.
const PATIENCE: Duration = Duration::from_secs(20 * 60);

/// Hooks that must not run, because they act on the system.
const CLEARED: &str = "#clear APT::Update::Pre-Invoke;\n#clear APT::Update::Post-Invoke;\n\
                       #clear APT::Update::Post-Invoke-Success;\n";

/// How a tool is packaged.
#[derive(Debug)]
pub struct Recipe {
    /// The tool.
    pub tool: &'static Tool,
    /// Its packages in a suite that has a version that will do; the first one carries the version.
    pub packages: &'static [&'static str],
    /// What is unpacked into a prefix where only a newer suite has it; `None` if it works only where it was meant to be.
    pub closure: Option<&'static [&'static str]>,
}

/// The tools that can be installed.
pub const RECIPES: [Recipe; 5] = [
    Recipe {
        tool: &catalogue::CBMC,
        packages: &["cbmc"],
        closure: Some(&["cbmc", "minisat", "libc6", "libstdc++6", "libgcc-s1"]),
    },
    Recipe { tool: &catalogue::COQ, packages: &["coq", "libcoq-iris"], closure: None },
    Recipe { tool: &catalogue::CLANG, packages: &["clang"], closure: None },
    Recipe { tool: &catalogue::Z3, packages: &["z3"], closure: None },
    Recipe { tool: &catalogue::CVC5, packages: &["cvc5"], closure: None },
];

/// Why a tool could not be installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// Nothing is known about installing this.
    #[error("there is no recipe for `{0}`")]
    Unknown(String),
    /// Not Debian.
    #[error("this is {0}, not a Debian release that is known here")]
    NotDebian(String),
    /// The system's packages need root.
    #[error("{tool} comes with the system's own packages, which only root can install")]
    NeedsRoot {
        /// The tool.
        tool: &'static str,
        /// The command for root.
        command: String,
    },
    /// No suite has it.
    #[error("no suite on {mirror} from {from} on has {tool} {minimum} or newer")]
    Nowhere {
        /// The tool.
        tool: &'static str,
        /// The mirror.
        mirror: String,
        /// The system's suite.
        from: String,
        /// The oldest version that would do.
        minimum: String,
    },
    /// apt's configuration names no mirror of the release.
    #[error("apt is configured with no mirror for {0}")]
    NoMirror(String),
    /// A command failed, for want of a network or otherwise.
    #[error("`{command}` failed: {reason}")]
    Command {
        /// The command.
        command: String,
        /// What it said.
        reason: String,
    },
    /// What was installed cannot be used.
    #[error("installed, but unusable: {0}")]
    Unusable(#[from] Unusable),
    /// The system refused something.
    #[error("{0}: {1}")]
    System(PathBuf, io::Error),
}

/// What the system is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// Its release: `bookworm`.
    pub codename: String,
    /// Whether this process may install packages.
    pub is_root: bool,
}

impl System {
    /// Reads what `/etc/os-release` says.
    ///
    /// # Errors
    /// If it is no known Debian.
    pub fn read() -> Result<Self, InstallError> {
        let path = Path::new("/etc/os-release");
        let text = fs::read_to_string(path).map_err(|error| InstallError::System(path.to_path_buf(), error))?;
        Self::from_release(&text, rustix::process::geteuid().is_root())
    }

    fn from_release(text: &str, is_root: bool) -> Result<Self, InstallError> {
        let value = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            line.map(|value| value.trim_matches('"').to_owned()).unwrap_or_default()
        };
        let codename = value("VERSION_CODENAME");
        if value("ID") != "debian" || !SUITES.contains(&codename.as_str()) {
            return Err(InstallError::NotDebian(value("PRETTY_NAME")));
        }
        Ok(Self { codename, is_root })
    }

    /// The system's own suite and all newer ones.
    fn suites(&self) -> &'static [&'static str] {
        let own = SUITES.iter().position(|suite| *suite == self.codename);
        own.map_or(&[], |index| &SUITES[index..])
    }

    fn newer_suites(&self) -> &'static [&'static str] {
        self.suites().get(1..).unwrap_or_default()
    }
}

/// Somebody who hears what is being done, and says whether to stop.
pub struct Watcher<'a> {
    /// Hears a sentence.
    pub tell: &'a dyn Fn(&str),
    /// Whether to stop.
    pub stop: &'a dyn Fn() -> bool,
}

/// Installs a tool, and finds it.
///
/// # Errors
/// If that is not possible; what was begun is removed.
pub fn install(name: &str, system: &System, places: &Places, watcher: &Watcher<'_>) -> Result<Found, InstallError> {
    let recipe = RECIPES.iter().find(|recipe| recipe.tool.name == name);
    let recipe = recipe.ok_or_else(|| InstallError::Unknown(name.to_owned()))?;
    let minimum = recipe.tool.minimum();
    let own = candidate(recipe.packages[0], &[], watcher)?;
    let own_will_do = own.as_ref().map(|version| version.is_at_least(&minimum));
    match recipe.closure {
        _ if own_will_do == Some(true) && (system.is_root || recipe.closure.is_none()) => {
            from_the_system(recipe, system, watcher)?;
        }
        Some(closure) => {
            // The system's own suite is asked again if its lists were never fetched, and serves those who are not root.
            let suites = if own_will_do == Some(false) { system.newer_suites() } else { system.suites() };
            from_a_suite(recipe, closure, suites, system, places, watcher)?;
        }
        None if system.is_root => {
            (watcher.tell)("reading the lists of the system's packages");
            checked(&apt("apt-get", &[], ["update"]), watcher)?;
            from_the_system(recipe, system, watcher)?;
        }
        None => return Err(needs_root(recipe)),
    }
    Ok(recipe.tool.find(places)?)
}

fn install_command(recipe: &Recipe) -> Vec<&'static str> {
    ["install", "-y", "--no-install-recommends"].into_iter().chain(recipe.packages.iter().copied()).collect()
}

fn needs_root(recipe: &Recipe) -> InstallError {
    let command = format!("apt-get {}", install_command(recipe).join(" "));
    InstallError::NeedsRoot { tool: recipe.tool.name, command }
}

fn from_the_system(recipe: &Recipe, system: &System, watcher: &Watcher<'_>) -> Result<(), InstallError> {
    if !system.is_root {
        return Err(needs_root(recipe));
    }
    let waiting = ["-o".into(), "DPkg::Lock::Timeout=600".into()];
    let job = apt("apt-get", &waiting, install_command(recipe)).with_variable("DEBIAN_FRONTEND", "noninteractive");
    (watcher.tell)(&format!("installing {} from {}", recipe.packages.join(", "), system.codename));
    checked(&job, watcher).map(|_| ())
}

/// Unpacks packages of the first of these suites that has a version that will do.
fn from_a_suite(
    recipe: &Recipe,
    closure: &[&str],
    suites: &[&str],
    system: &System,
    places: &Places,
    watcher: &Watcher<'_>,
) -> Result<(), InstallError> {
    let mirror = mirror(system, watcher)?;
    let work = places.prefix.join(format!(".{}.new", recipe.tool.name));
    remove(&work)?;
    let source = Source { mirror: &mirror, suites, own: &system.codename };
    let done = unpack_from(recipe, closure, &source, &work, watcher);
    let moved = done.and_then(|()| {
        let goal = places.prefix.join(recipe.tool.name);
        remove(&goal)?;
        fs::rename(work.join("root"), &goal).map_err(|error| InstallError::System(goal, error))
    });
    remove(&work)?;
    moved
}

/// Where packages are taken from.
struct Source<'a> {
    mirror: &'a str,
    suites: &'a [&'a str],
    own: &'a str,
}

fn unpack_from(
    recipe: &Recipe,
    closure: &[&str],
    source: &Source<'_>,
    work: &Path,
    watcher: &Watcher<'_>,
) -> Result<(), InstallError> {
    for suite in source.suites {
        let options = private_apt(work, source.mirror, suite)?;
        (watcher.tell)(&format!("reading the lists of {suite}"));
        checked(&apt("apt-get", &options, ["update"]), watcher)?;
        let version = candidate(recipe.packages[0], &options, watcher)?;
        let Some(version) = version.filter(|version| version.is_at_least(&recipe.tool.minimum())) else { continue };
        (watcher.tell)(&format!("fetching {} {version} and its libraries from {suite}", recipe.tool.name));
        let folder = work.join("packages");
        create(&folder)?;
        let words = std::iter::once("download").chain(closure.iter().copied());
        checked(&apt("apt-get", &options, words).in_folder(&folder), watcher)?;
        return unpack(&folder, &work.join("root"), watcher);
    }
    Err(InstallError::Nowhere {
        tool: recipe.tool.name,
        mirror: source.mirror.to_owned(),
        from: source.own.to_owned(),
        minimum: recipe.tool.minimum().to_string(),
    })
}

/// Unpacks every package of a folder.
fn unpack(folder: &Path, root: &Path, watcher: &Watcher<'_>) -> Result<(), InstallError> {
    let refused = |error| InstallError::System(folder.to_path_buf(), error);
    for entry in fs::read_dir(folder).map_err(refused)? {
        let package = entry.map_err(refused)?.path();
        if package.extension().is_some_and(|extension| extension == "deb") {
            let words: [OsString; 3] = ["-x".into(), package.into_os_string(), root.as_os_str().to_owned()];
            checked(&Job::new(&Invocation::plain("dpkg-deb"), words), watcher)?;
        }
    }
    Ok(())
}

/// Folders and sources of an apt that touches nothing but the given folder; the options that make it so.
fn private_apt(work: &Path, mirror: &str, suite: &str) -> Result<Vec<OsString>, InstallError> {
    let at = |path: &str| work.join("apt").join(path);
    remove(&work.join("apt"))?;
    for folder in ["state/lists/partial", "cache/archives/partial", "sources", "preferences"] {
        create(&at(folder))?;
    }
    let keyring = KEYRINGS.iter().find(|path| Path::new(path).is_file());
    let signed = keyring.map_or_else(String::new, |path| format!("Signed-By: {path}\n"));
    let sources = format!("Types: deb\nURIs: {mirror}\nSuites: {suite}\nComponents: main\n{signed}");
    write(&at("suite.sources"), &sources)?;
    write(&at("state/status"), "")?;
    write(&at("hooks.conf"), CLEARED)?;
    let mut options: Vec<OsString> = vec!["-c".into(), at("hooks.conf").into_os_string()];
    let mut option = |key: &str, value: OsString| {
        let mut word = OsString::from(format!("{key}="));
        word.push(value);
        options.extend(["-o".into(), word]);
    };
    option("Dir::State", at("state").into());
    option("Dir::State::status", at("state/status").into());
    option("Dir::Cache", at("cache").into());
    option("Dir::Etc::sourcelist", at("suite.sources").into());
    option("Dir::Etc::sourceparts", at("sources").into());
    option("Dir::Etc::preferences", at("none").into());
    option("Dir::Etc::preferencesparts", at("preferences").into());
    option("APT::Sandbox::User", "root".into());
    option("APT::Update::Error-Mode", "any".into());
    option("Acquire::Languages", "none".into());
    option("Acquire::IndexTargets::deb::DEP-11::DefaultEnabled", "false".into());
    Ok(options)
}

/// The mirror from which apt takes the system's own release.
fn mirror(system: &System, watcher: &Watcher<'_>) -> Result<String, InstallError> {
    let format = "$(REPO_URI) $(RELEASE) $(COMPONENT)";
    let words = ["indextargets", "--format", format, "Created-By: Packages"];
    let text = checked(&apt("apt-get", &[], words), watcher)?.text();
    mirror_in(&text, &system.codename).ok_or_else(|| InstallError::NoMirror(system.codename.clone()))
}

fn mirror_in(targets: &str, codename: &str) -> Option<String> {
    let mut lines = targets.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    lines.find_map(|words| match words.as_slice() {
        [mirror, release, "main"] if *release == codename => Some((*mirror).to_owned()),
        _ => None,
    })
}

/// The version of a package that apt would take, without Debian's own part of it.
fn candidate(package: &str, options: &[OsString], watcher: &Watcher<'_>) -> Result<Option<Version>, InstallError> {
    let text = checked(&apt("apt-cache", options, ["policy", package]), watcher)?.text();
    Ok(candidate_in(&text))
}

fn candidate_in(policy: &str) -> Option<Version> {
    let version = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate:"))?.trim();
    let without_epoch = version.split_once(':').map_or(version, |(_, version)| version);
    Version::find(without_epoch.split('-').next().unwrap_or(without_epoch))
}

fn apt(program: &str, options: &[OsString], words: impl IntoIterator<Item = impl Into<OsString>>) -> Job {
    Job::new(&Invocation::plain(program), options.iter().cloned().chain(words.into_iter().map(Into::into)))
}

/// Runs a command that has to succeed.
fn checked(job: &Job, watcher: &Watcher<'_>) -> Result<Finished, InstallError> {
    let failed = |reason: String| InstallError::Command { command: job.shown(), reason };
    let finished = run(job, &Limits::of_time(PATIENCE), watcher.stop).map_err(|error| failed(error.to_string()))?;
    if finished.succeeded() {
        return Ok(finished);
    }
    let told = finished.stderr.lines().filter(|line| line.starts_with("E:") || line.starts_with("W:"));
    let told = told.take(3).collect::<Vec<_>>().join("; ");
    Err(failed(if told.is_empty() { format!("{:?}: {}", finished.ending, finished.stderr.trim()) } else { told }))
}

fn create(folder: &Path) -> Result<(), InstallError> {
    fs::create_dir_all(folder).map_err(|error| InstallError::System(folder.to_path_buf(), error))
}

fn write(path: &Path, text: &str) -> Result<(), InstallError> {
    fs::write(path, text).map_err(|error| InstallError::System(path.to_path_buf(), error))
}

fn remove(folder: &Path) -> Result<(), InstallError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(InstallError::System(folder.to_path_buf(), error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_known_debian_is_installed_on() {
        let bookworm = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n";
        let system = System::from_release(bookworm, false).expect("Debian");
        assert_eq!(system.newer_suites(), ["trixie", "forky", "sid"]);
        let other = "PRETTY_NAME=\"Ubuntu 24.04\"\nVERSION_CODENAME=noble\nID=ubuntu\n";
        assert!(
            matches!(System::from_release(other, true), Err(InstallError::NotDebian(name)) if name == "Ubuntu 24.04")
        );
    }

    #[test]
    fn the_mirror_is_that_of_the_systems_release() {
        let targets = "http://security.example/ bookworm-security main\nhttp://mirror.example/debian/ bookworm contrib\n\
                       http://mirror.example/debian/ bookworm main\n";
        assert_eq!(mirror_in(targets, "bookworm").as_deref(), Some("http://mirror.example/debian/"));
        assert_eq!(mirror_in(targets, "trixie"), None);
    }

    #[test]
    fn the_candidate_is_read_without_epoch_and_revision() {
        let version = |text: &str| candidate_in(text).map(|version| version.to_string());
        assert_eq!(version("cbmc:\n  Installed: (none)\n  Candidate: 6.6.0-4\n").as_deref(), Some("6.6.0"));
        assert_eq!(version("minisat:\n  Candidate: 1:2.2.1-8\n").as_deref(), Some("2.2.1"));
        assert_eq!(version("cbmc:\n  Candidate: (none)\n"), None);
        assert_eq!(version(""), None);
    }

    #[test]
    fn an_unknown_tool_has_no_recipe() {
        let system = System { codename: "bookworm".to_owned(), is_root: false };
        let watcher = Watcher { tell: &|_| {}, stop: &|| false };
        let answer = install("emacs", &system, &Places::default(), &watcher);
        assert!(matches!(answer, Err(InstallError::Unknown(name)) if name == "emacs"));
    }
}
