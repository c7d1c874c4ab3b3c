//! `interlock serve` from end to end: what it hands out, to whom, and that it sees a new run.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

struct Server {
    child: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(folder: &Path) -> Server {
    let mut child = Command::new(env!("CARGO_BIN_EXE_interlock"))
        .args(["serve", "--port", "0"])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("a line");
    let address = line.strip_prefix("http://").and_then(|rest| rest.split('/').next()).expect("an address").to_owned();
    assert!(address.starts_with("127.0.0.1:"), "{line}");
    Server { child, address }
}

fn get(server: &Server, request: &str, host: &str) -> String {
    let mut stream = TcpStream::connect(&server.address).expect("a connection");
    write!(stream, "{request} HTTP/1.1\r\nHost: {host}\r\n\r\n").expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let project = "[project]\nname = \"pool\"\n[[model]]\nname = \"Pool\"\nspec = \"Pool.tla\"\n";
    let spec = "---- MODULE Pool ----\nEXTENDS Integers\nVARIABLE x\nInit == x = 0\nNext == x' = 1 - x\nSafe == x \\in {0, 1}\n====\n";
    for (path, text) in
        [("interlock.toml", project), ("Pool.tla", spec), ("Pool.cfg", "INIT Init\nNEXT Next\nINVARIANT Safe\n")]
    {
        fs::write(folder.path().join(path), text).expect("a file");
    }
    folder
}

fn check(folder: &Path) {
    let status = Command::new(env!("CARGO_BIN_EXE_interlock")).arg("check").current_dir(folder).output();
    assert_eq!(status.expect("the program").status.code(), Some(0));
}

#[test]
fn the_newest_run_is_shown_and_a_newer_one_is_seen() {
    let folder = project();
    let server = serve(folder.path());
    let host = server.address.clone();
    assert!(get(&server, "GET /", &host).contains("No run is recorded yet"));
    check(folder.path());
    assert!(get(&server, "GET /run", &host).ends_with("\r\n\r\n1"));
    let page = get(&server, "GET /", &host);
    assert!(page.starts_with("HTTP/1.1 200 OK") && page.contains("connect-src 'self'"), "{page}");
    assert!(page.contains("All 4 obligations met") || page.contains("obligations met"), "{page}");
    check(folder.path());
    assert!(get(&server, "GET /run", &host).ends_with("\r\n\r\n2"));
}

#[test]
fn nobody_else_is_answered_and_nothing_is_changed() {
    let folder = project();
    let server = serve(folder.path());
    let host = server.address.clone();
    assert!(get(&server, "GET /", "attacker.example").starts_with("HTTP/1.1 403"));
    assert!(get(&server, "POST /", &host).starts_with("HTTP/1.1 405"));
    assert!(get(&server, "GET /../interlock.toml", &host).starts_with("HTTP/1.1 404"));
    assert!(get(&server, "nonsense", &host).starts_with("HTTP/1.1 4"));
}
