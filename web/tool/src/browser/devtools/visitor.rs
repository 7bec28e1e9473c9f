//! A visitor's actions: Chromium itself delivers real pointer events, keys and files, and folders too.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::session::DevTools;
use crate::browser::driver::{Driver, Point, Window};

impl Driver for DevTools {
    fn set_deadline(&mut self, deadline: Instant) {
        self.connection.deadline = deadline;
    }

    fn navigate(&mut self, address: &str) -> Result<()> {
        let outcome = self.call("Page.navigate", &json!({ "url": address }))?;
        match outcome["errorText"].as_str() {
            Some(error) => bail!("{address}: {error}"),
            None => Ok(()),
        }
    }

    fn evaluate(&mut self, expression: &str) -> Result<Value> {
        self.evaluate_in_page(expression)
    }

    fn stroke(&mut self, places: &[Point]) -> Result<()> {
        let (first, last) = (places[0], places[places.len() - 1]);
        self.mouse("mousePressed", first)?;
        places[1..].iter().try_for_each(|at| self.mouse("mouseMoved", *at))?;
        self.mouse("mouseReleased", last)
    }

    fn press(&mut self, key: &str) -> Result<()> {
        let (code, text) = match key {
            "Enter" => (13, "\r"),
            "Tab" => (9, ""),
            "ArrowLeft" => (37, ""),
            "ArrowRight" => (39, ""),
            _ => bail!("the key {key} is not known here"),
        };
        let stroke = json!({ "type": "keyDown", "key": key, "windowsVirtualKeyCode": code, "text": text });
        self.call("Input.dispatchKeyEvent", &stroke)?;
        let release = json!({ "type": "keyUp", "key": key, "windowsVirtualKeyCode": code });
        self.call("Input.dispatchKeyEvent", &release).map(drop)
    }

    fn choose_files(&mut self, selector: &str, files: &[PathBuf]) -> Result<()> {
        let expression = format!("document.querySelector({})", json!(selector));
        let found = self.call("Runtime.evaluate", &json!({ "expression": expression }))?;
        let object = &found["result"]["objectId"];
        ensure!(object.is_string(), "{selector} is not there");
        self.call("DOM.setFileInputFiles", &json!({ "files": files, "objectId": object })).map(drop)
    }

    fn drop_files(&mut self, _: &str, (x, y): Point, files: &[PathBuf]) -> Result<()> {
        let data = json!({ "items": [], "files": files, "dragOperationsMask": 1 });
        for kind in ["dragEnter", "dragOver", "drop"] {
            self.call("Input.dispatchDragEvent", &json!({ "type": kind, "x": x, "y": y, "data": data }))?;
        }
        Ok(())
    }

    fn resize(&mut self, (width, height, mobile): Window) -> Result<u32> {
        let window = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
        self.call("Emulation.setDeviceMetricsOverride", &window)?;
        Ok(width)
    }

    fn screenshot(&mut self, whole: bool) -> Result<Vec<u8>> {
        let shot = self.call("Page.captureScreenshot", &json!({ "captureBeyondViewport": whole }))?;
        Ok(BASE64_STANDARD.decode(shot["data"].as_str().context("no picture")?)?)
    }

    fn problems(&mut self) -> &mut Vec<String> {
        &mut self.watch.problems
    }
}

impl DevTools {
    fn mouse(&mut self, kind: &str, (x, y): Point) -> Result<()> {
        let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1 });
        self.call("Input.dispatchMouseEvent", &event).map(drop)
    }
}
