//! A visitor's actions on a page.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::driver::Point;
use super::page::Page;

impl Page {
    /// Clicks in the middle of an element.
    ///
    /// # Errors
    /// If it does not exist, is not visible, or is covered.
    pub fn click(&mut self, selector: &str) -> Result<()> {
        self.drag(selector, &[(0.5, 0.5)])
    }

    /// Draws a line across an element, through places given as parts of its width and height.
    ///
    /// # Errors
    /// As [`Page::click`].
    pub fn drag(&mut self, selector: &str, places: &[Point]) -> Result<()> {
        let places: Vec<Point> =
            places.iter().map(|(right, down)| self.place(selector, *right, *down)).collect::<Result<_>>()?;
        self.driver().stroke(&places)
    }

    /// Drops files on an element, as from a file manager. Folders need Chromium.
    ///
    /// # Errors
    /// As [`Page::click`].
    pub fn drop_files(&mut self, selector: &str, files: &[PathBuf]) -> Result<()> {
        let at = self.place(selector, 0.5, 0.5)?;
        self.driver().drop_files(selector, at, files)
    }

    /// Chooses files in a file input, which need not be visible.
    ///
    /// # Errors
    /// If it is not there.
    pub fn choose_files(&mut self, selector: &str, files: &[PathBuf]) -> Result<()> {
        self.driver().choose_files(selector, files)
    }

    /// Gives a control another value, with the events that a browser sends.
    ///
    /// # Errors
    /// If it is not there.
    pub fn set(&mut self, selector: &str, value: &str) -> Result<()> {
        let set = "control.value = value; ['input', 'change'].forEach(name => \
                   control.dispatchEvent(new Event(name, { bubbles: true })))";
        let selector = json!(selector);
        let value = json!(value);
        self.evaluate(&format!("((control, value) => {{ {set} }})(document.querySelector({selector}), {value})"))
            .map(drop)
    }

    /// Presses a key, such as `Enter` or `ArrowRight`, on whatever has the focus.
    ///
    /// # Errors
    /// If the browser refuses it.
    pub fn press(&mut self, key: &str) -> Result<()> {
        self.driver().press(key)
    }

    /// Clicks on an element that saves a file, and returns the file.
    ///
    /// # Errors
    /// If nothing is saved in time.
    pub fn save_with(&mut self, selector: &str) -> Result<PathBuf> {
        let before = files(&self.downloads)?;
        self.click(selector)?;
        loop {
            let new = files(&self.downloads)?.into_iter().find(|file| !before.contains(file));
            if let Some(file) = new {
                return Ok(file);
            }
            // The page's own dialogs get answers only while we listen to the browser.
            self.evaluate("0")?;
            self.rest(&format!("a file from {selector}"))?;
        }
    }

    /// Scrolls an element into view, and returns a place where a pointer would meet it.
    fn place(&mut self, selector: &str, right: f64, down: f64) -> Result<Point> {
        let look = "if (!element) return 'is not there';
            element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
            const box = element.getBoundingClientRect();
            const [x, y] = [box.left + right * box.width, box.top + down * box.height];
            if (!box.width || !box.height) return 'is not to be seen';
            const met = document.elementFromPoint(x, y);
            const label = met && met.closest('label');
            if (met && (element.contains(met) || met.contains(element) || label && label.contains(element))) return [x, y];
            return 'lies under ' + (met ? met.outerHTML.slice(0, 100) : 'nothing')";
        let element = format!("document.querySelector({})", json!(selector));
        let found = self.evaluate(&format!("((element, right, down) => {{ {look} }})({element}, {right}, {down})"))?;
        match (found.as_str(), &found[0], &found[1]) {
            (Some(obstacle), ..) => bail!("{selector} {obstacle}"),
            (None, x, y) => Ok((number(x)?, number(y)?)),
        }
    }
}

fn number(value: &Value) -> Result<f64> {
    value.as_f64().context("no number")
}

/// How the names of files end that browsers are still writing.
const UNFINISHED: [&str; 2] = ["crdownload", "part"];

/// The files in a folder, or none while one of them is being written: Firefox reserves the name with an empty file.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let is_unfinished = path.extension().is_some_and(|end| UNFINISHED.iter().any(|ending| end == *ending));
        if is_unfinished || entry.metadata()?.len() == 0 {
            return Ok(Vec::new());
        }
        if !entry.file_name().to_string_lossy().starts_with('.') {
            found.push(path);
        }
    }
    Ok(found)
}
