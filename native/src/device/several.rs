//! Which device each of several processes uses.

use anyhow::Result;

use super::{Adapter, OTHER, adapters};
use crate::failure::Usage;
use crate::mpi::Place;

/// The device of this process: that of its number in `listed`, the devices of a machine; without a list, as
/// configured, where `auto` and `gpu` are another GPU for each process of the machine.
///
/// # Errors
/// If there are more processes than devices.
pub fn of_process(configured: &str, listed: &[String], place: Option<Place>) -> Result<String> {
    let place = match (place, listed) {
        (None, _) => return Ok(listed.first().map_or(configured, String::as_str).to_owned()),
        (Some(place), _) => place,
    };
    if !listed.is_empty() {
        let too_few = || too_few(place, &format!("--devices names {}", listed.len()));
        return listed.get(place.rank).cloned().ok_or_else(too_few);
    }
    match configured {
        "auto" | "gpu" => another(configured, place, &adapters()),
        _ => Ok(configured.to_owned()),
    }
}

/// Another GPU for each process, or the CPU for all of them.
fn another(configured: &str, place: Place, adapters: &[Adapter]) -> Result<String> {
    let is_real = |adapter: &&Adapter| !adapter.is_software() && adapter.kind != OTHER;
    let mut gpus: Vec<&Adapter> = adapters.iter().filter(is_real).collect();
    if gpus.is_empty() && configured == "auto" {
        return Ok("cpu".to_owned());
    }
    if gpus.is_empty() {
        gpus = adapters.iter().collect();
    }
    // On Windows, the same card is there once for each interface.
    let interface = gpus.first().map(|first| first.interface.clone());
    gpus.retain(|gpu| Some(&gpu.interface) == interface.as_ref());
    let too_few = || too_few(place, &format!("it has {}", gpus.len()));
    gpus.get(place.rank).map(|gpu| format!("gpu:{}", gpu.index)).ok_or_else(too_few)
}

fn too_few(place: Place, found: &str) -> anyhow::Error {
    Usage::new(format!(
        "devices: expected one for each of the {} processes on this machine, but {found}; start fewer, or name a device \
         several times, as in --devices gpu:0,gpu:0",
        place.ranks
    ))
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(configured: &str, list: &[&str], place: Option<(usize, usize)>) -> Result<String> {
        let list: Vec<String> = list.iter().map(|&device| device.to_owned()).collect();
        of_process(configured, &list, place.map(|(rank, ranks)| Place { rank, ranks }))
    }

    #[test]
    fn a_list_goes_by_the_number_within_the_machine() {
        let devices = ["gpu:1", "gpu:0", "cpu"];
        for (rank, device) in devices.into_iter().enumerate() {
            assert_eq!(listed("auto", &devices, Some((rank, 3))).unwrap(), device);
        }
        let error = listed("auto", &devices, Some((3, 4))).unwrap_err();
        let text = error.to_string();
        assert!(error.is::<Usage>() && text.contains("each of the 4 processes") && text.contains("names 3"), "{text}");
    }

    #[test]
    fn a_process_alone_takes_what_was_asked_for() {
        assert_eq!(listed("gpu:7", &[], None).unwrap(), "gpu:7");
        assert_eq!(listed("auto", &["gpu:2"], None).unwrap(), "gpu:2");
    }

    #[test]
    fn what_names_one_device_is_for_all() {
        assert_eq!(listed("cpu", &[], Some((1, 2))).unwrap(), "cpu");
        assert_eq!(listed("gpu:1", &[], Some((1, 2))).unwrap(), "gpu:1");
    }

    #[test]
    fn without_a_gpu_all_use_the_cpu() {
        let place = Place { rank: 1, ranks: 2 };
        assert_eq!(another("auto", place, &[]).unwrap(), "cpu");
        assert!(another("gpu", place, &[]).unwrap_err().to_string().contains("it has 0"));
    }
}
