//! The latent space of a trained model: the map, a point on it, rows and interpolations.

use anyhow::{Result, ensure};

use super::test::Test;
use super::visit::Visit;

pub const TESTS: &[Test] = &[
    Test::new("a_dragged_point_draws_its_picture", a_dragged_point_draws_its_picture),
    Test::new("truncation_and_labels_change_the_pictures", truncation_and_labels_change_the_pictures),
    Test::new("a_bundle_is_loaded_from_an_address", a_bundle_is_loaded_from_an_address),
];

const CANVASES: [&str; 4] = ["#map", "#map-image", "#strip", "#rows"];

fn explore(visit: &mut Visit) -> Result<()> {
    visit.open("device=cpu&view=explore")?;
    CANVASES.iter().try_for_each(|canvas| visit.wait_for_picture(canvas))
}

fn a_dragged_point_draws_its_picture(visit: &mut Visit) -> Result<()> {
    explore(visit)?;
    let (_, colours) = visit.canvas("#map")?;
    ensure!(colours >= 3, "a map of {colours} colours");
    let before = visit.canvas("#map-image")?;
    visit.page.drag("#map", &[(0.5, 0.5), (0.7, 0.4), (0.85, 0.2)])?;
    visit.wait_for_other_picture("#map-image", before)
}

fn truncation_and_labels_change_the_pictures(visit: &mut Visit) -> Result<()> {
    explore(visit)?;
    let rows = visit.canvas("#rows")?;
    visit.page.set("#truncation", "0.4")?;
    visit.wait_for_other_picture("#rows", rows)?;
    let strip = visit.canvas("#strip")?;
    let last = visit.page.evaluate("[...document.querySelector('#to').options].at(-2).value")?;
    visit.page.set("#to", last.as_str().unwrap_or_default())?;
    visit.wait_for_other_picture("#strip", strip)?;
    let map = visit.canvas("#map")?;
    visit.page.set("#noise", "7")?;
    visit.wait_for_other_picture("#map", map)
}

fn a_bundle_is_loaded_from_an_address(visit: &mut Visit) -> Result<()> {
    explore(visit)?;
    let address = format!("{}/digits.slgan", visit.origin);
    visit.page.set("#bundle-url", &address)?;
    visit.page.click("#load-url")?;
    visit.wait_for("the loaded model", "document.querySelector('#model-source').value === 'loaded'")?;
    visit.wait_for_picture("#rows")
}
