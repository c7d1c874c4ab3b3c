//! `docs/exit-codes.md` says what the code does.

use verdict::ExitCode;

const PAGE: &str = include_str!("../../../docs/exit-codes.md");

/// Rows of the table: code, name, meaning.
fn rows() -> Vec<(u8, String, String)> {
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [code, name, meaning] = cells.as_slice() else { return None };
        Some((code.parse().ok()?, name.trim_matches('`').to_owned(), (*meaning).to_owned()))
    };
    PAGE.lines().filter_map(row).collect()
}

#[test]
fn the_page_lists_exactly_the_codes_of_the_enumeration() {
    let mut codes: Vec<ExitCode> = ExitCode::ALL.to_vec();
    codes.sort_by_key(|exit| exit.code());
    let expected: Vec<(u8, String, String)> =
        codes.iter().map(|exit| (exit.code(), format!("{exit:?}"), exit.meaning().to_owned())).collect();
    assert_eq!(rows(), expected);
}
