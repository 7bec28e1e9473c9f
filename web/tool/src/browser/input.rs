//! A visitor's actions on a page: the browser itself delivers real pointer events and real files.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::page::Page;

/// A place on the page, in CSS pixels.
type Point = (f64, f64);

impl Page {
    /// Clicks in the middle of an element.
    ///
    /// # Errors
    /// If it does not exist, is not visible, or is covered.
    pub fn click(&mut self, selector: &str) -> Result<()> {
        let at = self.place(selector, 0.5, 0.5)?;
        self.mouse("mousePressed", at)?;
        self.mouse("mouseReleased", at)
    }

    /// Draws a line across an element, through places given as parts of its width and height.
    ///
    /// # Errors
    /// As [`Page::click`].
    pub fn drag(&mut self, selector: &str, places: &[Point]) -> Result<()> {
        let mut at = self.place(selector, places[0].0, places[0].1)?;
        self.mouse("mousePressed", at)?;
        for (right, down) in &places[1..] {
            at = self.place(selector, *right, *down)?;
            self.mouse("mouseMoved", at)?;
        }
        self.mouse("mouseReleased", at)
    }

    /// Drops files on an element, as from a file manager.
    ///
    /// # Errors
    /// As [`Page::click`].
    pub fn drop_files(&mut self, selector: &str, files: &[PathBuf]) -> Result<()> {
        let (x, y) = self.place(selector, 0.5, 0.5)?;
        let data = json!({ "items": [], "files": files, "dragOperationsMask": 1 });
        for kind in ["dragEnter", "dragOver", "drop"] {
            self.call("Input.dispatchDragEvent", &json!({ "type": kind, "x": x, "y": y, "data": data }))?;
        }
        Ok(())
    }

    /// Chooses files in a file input, which need not be visible.
    ///
    /// # Errors
    /// If it is not there.
    pub fn choose_files(&mut self, selector: &str, files: &[PathBuf]) -> Result<()> {
        let expression = format!("document.querySelector({})", json!(selector));
        let found = self.call("Runtime.evaluate", &json!({ "expression": expression }))?;
        let object = &found["result"]["objectId"];
        ensure!(object.is_string(), "{selector} is not there");
        self.call("DOM.setFileInputFiles", &json!({ "files": files, "objectId": object })).map(drop)
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
        let (code, text) = match key {
            "Enter" => (13, "\r"),
            "Tab" => (9, ""),
            " " => (32, " "),
            "ArrowLeft" => (37, ""),
            "ArrowRight" => (39, ""),
            _ => bail!("the key {key} is not known here"),
        };
        let stroke = json!({ "type": "keyDown", "key": key, "windowsVirtualKeyCode": code, "text": text });
        self.call("Input.dispatchKeyEvent", &stroke)?;
        let release = json!({ "type": "keyUp", "key": key, "windowsVirtualKeyCode": code });
        self.call("Input.dispatchKeyEvent", &release).map(drop)
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

    fn mouse(&mut self, kind: &str, (x, y): Point) -> Result<()> {
        let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1 });
        self.call("Input.dispatchMouseEvent", &event).map(drop)
    }
}

fn number(value: &Value) -> Result<f64> {
    value.as_f64().context("no number")
}

/// The files in a folder that are complete.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.starts_with('.') && !name.ends_with(".crdownload") {
            found.push(path);
        }
    }
    Ok(found)
}
