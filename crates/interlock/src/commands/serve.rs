//! `interlock serve`: the page of the newest run in a browser, which reloads when there is a newer one.
//!
//! A few lines of HTTP/1.1 over a socket that listens on the loopback interface alone: one page, one number, nothing else,
//! and nothing that changes anything. The `Host` of a request must be this machine, so that no page from elsewhere can
//! have its own name resolved to the loopback address and read the report (DNS rebinding). One connection is answered at
//! a time; one that says nothing is dropped after two seconds.

use super::ledger::show::{history, report_of};
use crate::cli::ServeArgs;
use crate::command_error::CommandError;
use crate::console::Console;
use crate::project::Project;
use crate::stop::StopFlag;
use ledger::{Ledger, RecordedRun};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;
use verdict::ExitCode;

/// Longest request that is read, in bytes.
const LONGEST_REQUEST: usize = 8 << 10;

/// How long a connection may say nothing.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often the listener looks for connections and for Ctrl-C.
const TICK: Duration = Duration::from_millis(50);

/// Runs the command.
pub fn run(args: &ServeArgs, console: &Console) -> Result<u8, CommandError> {
    let project = Project::load(&args.of.project)?;
    let ledger = Ledger::of_project(&project.folder);
    let refused = |error: std::io::Error| {
        let message = format!("cannot listen on port {} of this machine: {error}", args.port);
        CommandError::new(ExitCode::System, message, "choose another one with --port N, or 0 for any")
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).map_err(refused)?;
    listener.set_nonblocking(true).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let stop = StopFlag::on_signals();
    console.result(&format!("http://{address}/ shows the newest run of {}; Ctrl-C ends it.\n", project.title));
    while !stop.is_set() {
        match listener.accept() {
            // A reader who goes away in the middle is nobody's error.
            Ok((stream, _)) => {
                let _ = answer(stream, address, &ledger);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(TICK),
            Err(error) => return Err(refused(error)),
        }
    }
    Ok(ExitCode::Success.code())
}

fn answer(mut stream: TcpStream, address: SocketAddr, ledger: &Ledger) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = read_request(&mut stream)?;
    let response = respond(&request, address, ledger);
    stream.write_all(&response)
}

fn read_request(stream: &mut impl Read) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let mut part = [0; 1024];
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") && bytes.len() < LONGEST_REQUEST {
        match stream.read(&mut part)? {
            0 => break,
            read => bytes.extend_from_slice(&part[..read]),
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn respond(request: &str, address: SocketAddr, ledger: &Ledger) -> Vec<u8> {
    let mut lines = request.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let headers: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(':')).collect();
    let host = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host")).map_or("", |(_, value)| value.trim());
    let port = address.port();
    if ![format!("{}:{port}", Ipv4Addr::LOCALHOST), format!("localhost:{port}")].contains(&host.to_owned()) {
        return response("403 Forbidden", "text/plain", "this page is for this machine alone\n");
    }
    if method != "GET" {
        return response("405 Method Not Allowed", "text/plain", "there is nothing to change here\n");
    }
    match path {
        "/" => page(ledger),
        "/run" => response("200 OK", "text/plain", &newest(ledger).map_or(0, |run| run.header.run).to_string()),
        _ => response("404 Not Found", "text/plain", "there is one page, /\n"),
    }
}

fn newest(ledger: &Ledger) -> Option<RecordedRun> {
    ledger.complete_runs().ok()?.pop()
}

fn page(ledger: &Ledger) -> Vec<u8> {
    let Some(run) = newest(ledger) else {
        let text = "<!DOCTYPE html><meta http-equiv=\"refresh\" content=\"2\"><title>Interlock</title>No run is recorded yet: <code>interlock check</code> records one.";
        return response("200 OK", "text/html; charset=utf-8", text);
    };
    let mut report = report_of(&run);
    match run.explorations() {
        Ok(explorations) => report.explorations = explorations,
        Err(error) => return response("500 Internal Server Error", "text/plain", &error.to_string()),
    }
    match history(ledger, run.header.run) {
        Ok(history) => report.history = history,
        Err(error) => return response("500 Internal Server Error", "text/plain", &error.render()),
    }
    response("200 OK", "text/html; charset=utf-8", &report::html::write_live(&report, run.header.run))
}

fn response(status: &str, kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}
