//! A page read in a browser as a reader does: a script presses keys and writes down what it sees, in an element that the page
//! itself has not. The tests of the binary use this too.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A browser: `chromium`, Debian's package, or the one that `INTERLOCK_BROWSER` names.
pub struct Browser(PathBuf);

impl Browser {
    /// Nothing where there is none, and a line that says that the test was skipped.
    pub fn find() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let named = std::env::var_os("INTERLOCK_BROWSER").map(PathBuf::from);
        let mut known = std::env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name)));
        let found = named.or_else(|| known.find(|file| file.is_file()));
        if found.is_none() {
            let _ =
                std::io::Write::write_all(&mut std::io::stderr(), b"skipped: no browser, so the page was not run\n");
        }
        found.map(Self)
    }

    /// What a script sees that is put at the end of the page, in a window of this width; the folder is the browser's. The
    /// script leaves its lines between `SEEN` and `END`. The console has to stay silent.
    pub fn read(&self, page: &str, script: &str, folder: &Path, width: u32) -> String {
        let file = folder.join("read.html");
        std::fs::write(&file, page.replace("</body>", &format!("<script>{script}</script></body>"))).expect("the page");
        let output = Command::new(&self.0)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"])
            .args(["--virtual-time-budget=5000", "--dump-dom"])
            .arg(format!("--window-size={width},900"))
            .arg(format!("--user-data-dir={}", folder.join("profile").display()))
            .arg(format!("file://{}", file.display()))
            .output()
            .expect("the browser");
        let document = String::from_utf8_lossy(&output.stdout).replace("&gt;", ">").replace("&lt;", "<");
        let messages = String::from_utf8_lossy(&output.stderr);
        assert!(!messages.contains("CONSOLE"), "the console says something: {messages}");
        let seen = document.split("SEEN\n").last().and_then(|rest| rest.split("\nEND").next());
        seen.unwrap_or_default().to_owned()
    }
}
