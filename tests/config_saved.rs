//! Configurations in a run folder: written, read again and compared.

use slgan::config::{
    Config, DeviceClass, Enlargement, LabelBudget, Preset, keys, live_differences, parse_file, parse_setting,
    resume_differences,
};

const PRESETS: [Preset; 3] = [Preset::Tiny, Preset::Small, Preset::Cifar];

fn load(text: &str) -> Config {
    let layer = parse_file("config.toml", text).expect(text);
    Config::from_layers(&[layer]).expect(text)
}

fn reloaded(config: &Config) -> Config {
    load(&config.to_toml().expect("a valid configuration"))
}

#[test]
fn toml_round_trips_presets_and_odd_values() {
    for preset in PRESETS {
        let config = Config::for_preset(preset);
        assert_eq!(reloaded(&config), config);
    }
    let mut odd = Config {
        data: "folder:C:\\bilder\\\"öl\"\n\t#1 = ''' \u{7f}".into(),
        label_budget: LabelBudget::Fraction(5e-324),
        seed: i64::MAX as u64,
        ..Config::default()
    };
    odd.gate.tau = 0.1 + 0.2;
    odd.latent.radius = f64::MAX;
    odd.discriminator.r1_sigma = f64::MIN_POSITIVE;
    odd.classifier.generator_weight = 1.0 / 3.0;
    assert_eq!(reloaded(&odd), odd);
    for label_budget in [LabelBudget::Auto, LabelBudget::None, LabelBudget::All, LabelBudget::Given] {
        let config = Config { label_budget, ..Config::default() };
        assert_eq!(reloaded(&config), config);
    }
}

#[test]
fn values_that_toml_cannot_hold_are_refused_before_writing() {
    let seed = Config { seed: u64::MAX, ..Config::default() }.to_toml().unwrap_err();
    assert_eq!(
        seed.to_string(),
        "seed: expected a whole number from 0 to 9223372036854775807, found 18446744073709551615"
    );
    let labels = Config { label_budget: LabelBudget::Fraction(f64::NAN), ..Config::default() }.to_toml().unwrap_err();
    assert_eq!(labels.to_string(), "labels: expected a number above 0 and below 1, found NaN");
}

#[test]
fn json_round_trips_too() {
    let config = Config { label_budget: LabelBudget::Fraction(0.01), ..Config::for_preset(Preset::Cifar) };
    let text = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<Config>(&text).unwrap(), config);
}

#[test]
fn every_key_is_listed_with_a_default_that_can_be_set() {
    let keys = keys();
    let lines = Config::default().to_toml().unwrap().lines().filter(|line| line.contains(" = ")).count();
    assert_eq!(keys.len(), lines);
    for key in &keys {
        let layer = parse_setting(&format!("{}={}", key.key, key.default)).unwrap();
        assert_eq!(Config::from_layers(&[layer]), Ok(Config::default()), "{}", key.key);
    }
    let tau = keys.iter().find(|key| key.key == "gate.tau").unwrap();
    assert_eq!(tau.default, "0.9");
}

#[test]
fn resuming_may_change_only_length_device_and_reports() {
    let saved = Config::default();
    let allowed = load(
        "steps = 9\ndevice = \"cpu\"\ndevice_class = \"discrete\"\n[report]\nkeep = 9\nlog_every = 1\njudge = true",
    );
    assert_eq!(resume_differences(&saved, &allowed), Vec::<String>::new());
    let changed = load("steps = 9\nseed = 2\nlabels = 0.5\n[gate]\ntau = 0.5\n");
    assert_eq!(resume_differences(&saved, &changed), ["gate.tau", "labels", "seed"]);
    let huge_seed = Config { seed: u64::MAX, ..saved.clone() };
    assert_eq!(resume_differences(&saved, &huge_seed), ["seed"]);
}

#[test]
fn keys_that_shape_a_run_are_fixed_while_it_runs() {
    let current = Config::default();
    let dials =
        load("steps = 9\nlabels = 0.5\nmode = \"unconditional\"\nbatch = 8\n[gate]\ntau = 0.5\n[images]\nflip = true");
    assert_eq!(live_differences(&current, &dials), Vec::<String>::new());
    let mut others = load("seed = 2\n[latent]\nradius = 2.0\n[images]\nsize = 28\n[gate]\ntau = 0.5");
    others.generator.enlargement = match current.generator.enlargement {
        Enlargement::Nearest => Enlargement::Bilinear,
        Enlargement::Bilinear => Enlargement::Nearest,
    };
    others.device_class = DeviceClass::Discrete;
    let fixed = ["device_class", "generator.enlargement", "images.size", "latent.radius", "seed"];
    assert_eq!(live_differences(&current, &others), fixed);
}
