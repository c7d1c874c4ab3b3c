//! Checks the models of `tests/models`; the README there describes the format.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[derive(Debug, Default)]
struct Case {
    title: String,
    modules: Vec<String>,
    configuration: String,
    exit: Option<i32>,
    counts: Option<String>,
    says: Vec<String>,
    arguments: Vec<String>,
    workers: Option<u32>,
}

impl Case {
    fn expect(&mut self, line: &str) {
        match line.split_once(' ') {
            Some(("exit", code)) => self.exit = Some(code.parse().expect("an exit code")),
            Some(("counts", counts)) => self.counts = Some(counts.to_owned()),
            Some(("says", text)) => self.says.push(text.to_owned()),
            Some(("arguments", words)) => self.arguments = words.split_whitespace().map(str::to_owned).collect(),
            Some(("workers", number)) => self.workers = Some(number.parse().expect("a number of workers")),
            _ => panic!("{}: what is `{line}`?", self.title),
        }
    }

    fn take(&mut self, tag: &str, text: &str) {
        match tag {
            "tla" => self.modules.push(text.to_owned()),
            "cfg" => self.configuration = text.to_owned(),
            "expect" => text.lines().for_each(|line| self.expect(line)),
            _ => {}
        }
    }

    /// Writes the files; returns that of the root module.
    fn write(&self, folder: &Path) -> PathBuf {
        let mut root = None;
        for text in &self.modules {
            let header = text.lines().next().expect("a first line");
            let name = header.trim_matches('-').trim().trim_start_matches("MODULE").trim();
            let path = folder.join(format!("{name}.tla"));
            std::fs::write(&path, text).expect("a file of the case");
            root.get_or_insert(path);
        }
        let root = root.unwrap_or_else(|| panic!("{}: no module", self.title));
        std::fs::write(root.with_extension("cfg"), &self.configuration).expect("a file of the case");
        root
    }

    /// Checks the model; returns what is wrong.
    fn run(&self, workers: u32) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let root = self.write(folder.path());
        let output = Command::new(env!("CARGO_BIN_EXE_interlock"))
            .args(["tla", "check", "--workers", &workers.to_string()])
            .arg(root.file_name().expect("a name"))
            .args(&self.arguments)
            .env_remove("TLA_LIBRARY")
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .output()
            .expect("the program runs");
        let text = [output.stdout, output.stderr].concat();
        let text = blanks_collapsed(&String::from_utf8_lossy(&text));
        let mut problems = Vec::new();
        if self.exit != output.status.code() {
            problems.push(format!("exit {:?} instead of {:?}", output.status.code(), self.exit));
        }
        if let Some(counts) = &self.counts
            && counts_in(&text).as_deref() != Some(counts)
        {
            problems.push(format!("counts {:?} instead of {counts}", counts_in(&text)));
        }
        for wanted in self.says.iter().filter(|wanted| !text.contains(&blanks_collapsed(wanted))) {
            problems.push(format!("does not say: {wanted}"));
        }
        if !problems.is_empty() {
            problems.push(text);
        }
        problems.into_iter().map(|problem| format!("{}, {workers} workers: {problem}", self.title)).collect()
    }
}

fn blanks_collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The counts of the summary line, without separators: `17 7 3`.
fn counts_in(text: &str) -> Option<String> {
    let end = text.find(" states generated, ")?;
    let generated = text[..end].rsplit(' ').next()?;
    let mut rest = text[end..].trim_start_matches(" states generated, ").splitn(3, ' ');
    let (distinct, _, rest) = (rest.next()?, rest.next()?, rest.next()?);
    let depth = rest.strip_prefix("depth ")?.split(',').next()?;
    Some([generated, distinct, depth].join(" ").replace(',', ""))
}

fn cases(path: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(path).expect("a readable file");
    let (mut cases, mut block) = (Vec::<Case>::new(), None::<(String, String)>);
    for line in text.lines() {
        match (line.strip_prefix("```"), block.take()) {
            (Some(_), Some((tag, text))) => cases.last_mut().expect("a heading").take(&tag, &text),
            (Some(tag), None) => block = Some((tag.trim().to_owned(), String::new())),
            (None, Some((tag, text))) => block = Some((tag, format!("{text}{line}\n"))),
            (None, None) => {
                if let Some(title) = line.strip_prefix('#') {
                    let name = path.file_name().unwrap_or_default().display();
                    let title = format!("{name}: {}", title.trim_start_matches('#').trim());
                    cases.push(Case { title, ..Case::default() });
                }
            }
        }
    }
    cases.retain(|case| !case.modules.is_empty());
    cases
}

#[test]
fn models_give_what_the_suite_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models");
    let entries = std::fs::read_dir(folder).expect("the folder of the suite");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| !path.ends_with("README.md"));
    files.sort();
    let cases: Vec<Case> = files.iter().flat_map(|path| cases(path)).collect();
    let mut problems = Vec::new();
    for case in &cases {
        match case.workers {
            Some(workers) => problems.extend(case.run(workers)),
            None => problems.extend([1, 3].into_iter().flat_map(|workers| case.run(workers))),
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    assert!(cases.len() >= 8, "only {} cases were found", cases.len());
}
