//! The frame of every page that the program writes.
//!
//! A page is one file and loads nothing from outside. Its content policy makes the browser enforce this, and forbids
//! scripts to pages that have none.

use super::text::escape;

const STYLE: &str = include_str!("report.css");

/// A page with this title and the HTML of its content; `style` and `script` are its own, beside the common style.
pub fn page(title: &str, style: &str, content: &str, script: &str) -> String {
    let [policy, script] = match script {
        "" => [String::new(), String::new()],
        script => ["; script-src 'unsafe-inline'".to_owned(), format!("<script>\n{script}</script>\n")],
    };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src \
         'unsafe-inline'{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{}</title>\n<style>\n{STYLE}{style}</style>\n</head>\n<body>\n<main>\n{content}</main>\n\
         {script}</body>\n</html>\n",
        escape(title)
    )
}
