//! Keys that older versions did not have. Their runs go on as they were, whatever the presets say today.

use super::overlay::{Layer, parse_file};

/// What those versions did. Headers of checkpoints take the same values, from the defaults of `serde`.
const OLDER_VERSIONS: &str = r#"
[classifier]
augment_generated = false
information_weight = 0.0
weight_decay = 0.0
[discriminator]
kernel = 3
[generator]
enlargement = "nearest"
[gate]
match_manual = false
[label_table]
source = "none"
"#;

impl Layer {
    /// The layer below the configuration of a run folder. It has the keys that an older version could not write.
    ///
    /// # Panics
    /// Never: its text is TOML.
    pub fn of_older_versions() -> Self {
        parse_file("older versions", OLDER_VERSIONS).expect("the text is TOML")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, DeviceClass, Enlargement, Preset};

    /// A run folder of an older version and the headers in it have the same configuration, and not today's defaults.
    #[test]
    fn headers_and_run_folders_without_a_key_agree() {
        for preset in [Preset::Tiny, Preset::Small, Preset::Cifar] {
            let mut header = serde_json::to_value(Config::for_preset(preset)).unwrap();
            let older = Layer::of_older_versions();
            for (section, keys) in &older.table {
                for key in keys.as_table().unwrap().keys() {
                    header[section].as_object_mut().unwrap().remove(key).unwrap();
                }
            }
            let text = toml::to_string(&header).unwrap();
            let folder = Config::from_layers(&[older, parse_file("config.toml", &text).unwrap()]).unwrap();
            assert_eq!(folder, serde_json::from_value(header).unwrap());
        }
    }

    /// A run of a version without classes goes on with the kernels of its device.
    #[test]
    fn the_class_of_the_device_is_open_in_older_runs() {
        let mut header = serde_json::to_value(Config::default()).unwrap();
        header.as_object_mut().unwrap().remove("device_class").unwrap();
        let text = toml::to_string(&header).unwrap();
        let folder = Config::from_layers(&[parse_file("config.toml", &text).unwrap()]).unwrap();
        let header: Config = serde_json::from_value(header).unwrap();
        assert_eq!([folder.device_class, header.device_class], [DeviceClass::Auto; 2]);
    }

    /// A key that the run folder has stays.
    #[test]
    fn the_configuration_of_a_run_folder_lies_above() {
        let saved = parse_file("config.toml", "[generator]\nenlargement = \"bilinear\"").unwrap();
        let config = Config::from_layers(&[Layer::of_older_versions(), saved]).unwrap();
        assert_eq!(config.generator.enlargement, Enlargement::Bilinear);
    }
}
