//! The page of a real run: one refuted property of the subject, read in a browser as a reader does.
//!
//! Needs a browser (`chromium`, Debian's package, or the one that `INTERLOCK_BROWSER` names) and says that it was skipped
//! where there is none. What all parts of the page do is tested in `report`.

#[path = "../../report/tests/writers/browser.rs"]
mod browser;
mod folders;

use browser::Browser;
use folders::copy_folder;
use std::path::Path;
use std::process::Command;

/// What a reader does, and what is written down.
const READER: &str = r##"
const seen = [];
addEventListener("securitypolicyviolation", event => seen.push("violation " + event.violatedDirective));
addEventListener("error", event => seen.push("error " + event.message));
const pause = () => new Promise(done => setTimeout(done, 20));
const press = key => document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
const state = () => document.querySelector(".state h3").textContent;
const cells = (row, count) => [...row.querySelectorAll("td")].slice(0, count).map(cell => cell.textContent).join(" ");
(async () => {
  seen.push([...document.querySelectorAll("#strength tbody tr")].map(row => cells(row, 3)).join(" | "));
  location.hash = "behavior/0"; await pause();
  seen.push("lanes " + [...document.querySelectorAll(".lane")].map(lane => lane.textContent).join(" "));
  seen.push(state()); press("ArrowRight"); seen.push(state()); press("End"); seen.push(state());
  seen.push("changed " + [...document.querySelectorAll(".state .changed td:first-child")].map(cell => cell.textContent).join(" "));
  const field = document.querySelector("#expression");
  field.value = "\\E e \\in DOMAIN life : life[e] = \"freed\""; field.dispatchEvent(new Event("input"));
  seen.push([...document.querySelectorAll("#answers td:last-child, #answers > p")].map(cell => cell.textContent).join(" "));
  seen.push("wider than the window " + (document.documentElement.scrollWidth > innerWidth));
  seen.push("requests " + performance.getEntriesByType("resource").length);
  const out = document.createElement("pre"); out.textContent = "SEEN\n" + seen.join("\n") + "\nEND"; document.body.append(out);
})();
"##;

#[test]
fn a_refuted_property_of_the_subject_is_read_in_a_browser() {
    let Some(browser) = Browser::find() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../subjects/mps"), &folder.path().join("mps"));
    let run = Command::new(env!("CARGO_BIN_EXE_interlock"))
        .args(["check", "mps", "--model", "Event/no-pending-wait", "--html", "page.html"])
        .current_dir(folder.path())
        .env("NO_COLOR", "1")
        .output()
        .expect("the program");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    let page = std::fs::read_to_string(folder.path().join("page.html")).expect("the page");
    for width in [390, 820, 1400] {
        let expected = "Refuted E.CallbackNeverUAF Event/no-pending-wait\nlanes no thread t1\nState 1 of 9\nState 2 of 9\n\
            State 9 of 9\nchanged callback\nFALSE FALSE FALSE FALSE FALSE FALSE TRUE TRUE TRUE\n\
            wider than the window false\nrequests 0";
        assert_eq!(browser.read(&page, READER, folder.path(), width), expected, "at a width of {width}");
    }
}
