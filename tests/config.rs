//! Configurations as a shell builds them: layers of TOML become a checked `Config`, or an error of one readable line.

use slgan::config::{
    Config, ConfigError, LabelBudget, LabelSource, Layer, Mode, Preset, PseudoLabel, keys, parse_file, parse_setting,
};

const PRESETS: [Preset; 3] = [Preset::Tiny, Preset::Small, Preset::Cifar];

fn load(file: &str, settings: &[&str]) -> Result<Config, ConfigError> {
    let mut layers = vec![parse_file("slgan.toml", file)?];
    for setting in settings {
        layers.push(parse_setting(setting)?);
    }
    Config::from_layers(&layers)
}

fn set(setting: &str) -> Config {
    load("", &[setting]).expect(setting)
}

fn file_error(file: &str) -> String {
    load(file, &[]).expect_err(file).to_string()
}

fn set_error(setting: &str) -> String {
    load("", &[setting]).expect_err(setting).to_string()
}

#[test]
fn without_layers_the_tiny_preset_gives_valid_defaults() {
    assert_eq!(Config::from_layers(&[]), Ok(Config::for_preset(Preset::Tiny)));
    for preset in PRESETS {
        assert_eq!(Config::for_preset(preset).validate(), Ok(()));
    }
}

#[test]
fn later_layers_win_and_leave_other_keys_alone() {
    let config = load("steps = 10\nseed = 1\n[gate]\ntau = 0.5\n", &["gate.tau=0.6", "steps=20", "steps=30"]).unwrap();
    let mut expected = Config { steps: 30, seed: 1, ..Config::default() };
    expected.gate.tau = 0.6;
    assert_eq!(config, expected);
}

#[test]
fn set_keys_override_the_preset() {
    let cifar = load("preset = \"cifar\"", &[]).unwrap();
    assert_eq!(cifar, Config::for_preset(Preset::Cifar));
    assert_ne!(cifar.generator.learning_rate, Config::default().generator.learning_rate);

    let config = load("generator.learning_rate = 0.5\npreset = \"tiny\"", &["preset=cifar"]).unwrap();
    let mut expected = Config::for_preset(Preset::Cifar);
    expected.generator.learning_rate = 0.5;
    assert_eq!(config, expected);
}

#[test]
fn settings_are_toml_values_or_bare_words() {
    assert_eq!(set("mode=unconditional").mode, Mode::Unconditional);
    assert_eq!(set("mode = \"unconditional\" ").mode, Mode::Unconditional);
    assert_eq!(set("data=folder:/srv/a=b #1").data, "folder:/srv/a=b #1");
    assert_eq!(set("seed=0x10").seed, 16);
    assert_eq!(set("latent.radius=2").latent.radius, 2.0);
    assert!(set("report.judge=true").report.judge);
    assert_eq!(set("gate={tau=0.25, warm_up=3}").gate.warm_up, 3);
}

#[test]
fn a_flag_is_a_layer_under_its_own_name() {
    let config = Config::from_layers(&[Layer::from_flag("--labels", "labels", "0.1")]).unwrap();
    assert_eq!(config.label_budget, LabelBudget::Fraction(0.1));
    let error = Config::from_layers(&[Layer::from_flag("--steps", "steps", "ten")]).unwrap_err();
    assert_eq!(error.to_string(), "--steps: steps: expected a whole number of at least 0, found \"ten\"");
}

#[test]
fn label_budgets_are_words_or_fractions() {
    let cases = [
        ("auto", LabelBudget::Auto),
        ("none", LabelBudget::None),
        ("0", LabelBudget::None),
        ("0.0", LabelBudget::None),
        ("-0.0", LabelBudget::None),
        ("all", LabelBudget::All),
        ("1", LabelBudget::All),
        ("given", LabelBudget::Given),
        ("0.1", LabelBudget::Fraction(0.1)),
        (".5", LabelBudget::Fraction(0.5)),
        ("\"0.25\"", LabelBudget::Fraction(0.25)),
    ];
    for (text, expected) in cases {
        assert_eq!(set(&format!("labels={text}")).label_budget, expected, "{text}");
    }
    for wrong in ["some", "1.5", "-0.1", "2", "nan", "inf", "\"nan\"", "true", "[0.1]", "{a=1}", "1979-05-27"] {
        let error = set_error(&format!("labels={wrong}"));
        let expected =
            "--set: labels: expected \"auto\", \"none\", \"all\", \"given\" or a fraction from 0 to 1, found ";
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn syntax_errors_name_the_file_and_line() {
    let error = file_error("steps = 3\n\n[gate\ntau = 0.5\n");
    assert!(error.starts_with("slgan.toml, line 3: "), "{error}");
    assert!(!error.contains('\n'), "{error}");
    let twice = file_error("steps = 3\nsteps = 4\n");
    assert!(twice.starts_with("slgan.toml, line 2: duplicate key"), "{twice}");
    let open_string = file_error("data = \"glyphs");
    assert!(open_string.starts_with("slgan.toml, line 1: "), "{open_string}");
}

#[test]
fn settings_without_a_key_or_value_are_refused() {
    assert_eq!(set_error("gate.tau"), "--set: expected KEY=VALUE, found \"gate.tau\"");
    assert_eq!(set_error(" =3"), "--set: expected KEY=VALUE, found \" =3\"");
    assert_eq!(set_error("steps="), "--set: steps: expected a whole number of at least 0, found \"\"");
}

#[test]
fn errors_for_unknown_keys_name_the_nearest_valid_key() {
    assert_eq!(set_error("tau=0.8"), "--set: unknown key `tau`; the nearest is `gate.tau`");
    let cases = [
        ("setps=3", "steps"),
        ("train.steps=3", "steps"),
        ("gate.tua=0.8", "gate.tau"),
        ("gat.tau=0.8", "gate.tau"),
        ("generator.updates=2", "discriminator.updates"),
        ("discriminator.learningrate=2", "discriminator.learning_rate"),
        ("latent.artificial_label=2", "latent.artificial_labels"),
        ("gate..tau=0.8", "gate.tau"),
        ("generator.decay=1", "generator.decay_from"),
        ("report.evry=1", "report.log_every"),
        ("warmup=1", "gate.warm_up"),
        ("learning_rate=1", "generator.learning_rate"),
    ];
    for (setting, nearest) in cases {
        let key = setting.split('=').next().unwrap();
        assert_eq!(set_error(setting), format!("--set: unknown key `{key}`; the nearest is `{nearest}`"));
    }
    assert_eq!(file_error("[gates]\ntau = 0.8"), "slgan.toml: unknown key `gates.tau`; the nearest is `gate.tau`");
}

#[test]
fn errors_for_wrong_types_say_what_was_expected_and_found() {
    let cases = [
        ("steps=1e3", "steps: expected a whole number of at least 0, found 1000.0"),
        ("steps=-1", "steps: expected a whole number of at least 0, found -1"),
        ("steps.many=3", "steps: expected a whole number of at least 0, found a table"),
        ("batch=true", "batch: expected a whole number of at least 0, found true"),
        ("gate.tau=high", "gate.tau: expected a number, found \"high\""),
        ("images.flip=1", "images.flip: expected true or false, found 1"),
        ("data=7", "data: expected text, found 7"),
        ("device=[0, 1]", "device: expected text, found a list"),
        ("gate=3", "gate: expected a table, found 3"),
        ("mode=3", "mode: expected \"self-label\", \"unconditional\" or \"class-conditional\", found 3"),
        (
            "mode=uncond",
            "mode: expected \"self-label\", \"unconditional\" or \"class-conditional\", found \"uncond\"; \
             the nearest is \"unconditional\"",
        ),
        (
            "preset=cifer",
            "preset: expected \"tiny\", \"small\" or \"cifar\", found \"cifer\"; the nearest is \"cifar\"",
        ),
        (
            "gate.pseudo_label=sof",
            "gate.pseudo_label: expected \"hard\" or \"soft\", found \"sof\"; the nearest is \"soft\"",
        ),
    ];
    for (setting, expected) in cases {
        assert_eq!(set_error(setting), format!("--set: {expected}"));
    }
}

#[test]
fn errors_for_values_out_of_range_give_the_range() {
    let cases = [
        ("gate.tau=1.5", "gate.tau: expected a number above 0 and at most 1, found 1.5"),
        ("gate.tau=0", "gate.tau: expected a number above 0 and at most 1, found 0.0"),
        ("gate.tau=nan", "gate.tau: expected a number above 0 and at most 1, found NaN"),
        ("classifier.dropout=1", "classifier.dropout: expected a number of at least 0 and below 1, found 1.0"),
        ("latent.radius=inf", "latent.radius: expected a number of at least 0, and finite, found inf"),
        ("discriminator.r1_sigma=0", "discriminator.r1_sigma: expected a number above 0, and finite, found 0.0"),
        ("steps=0", "steps: expected a whole number from 1 to 100000000, found 0"),
        ("batch=1", "batch: expected a whole number from 2 to 4096, found 1"),
        (
            "shards=3",
            "shards: expected a divisor of batch, which is 64, and of classifier.labelled_batch, which is 32, found 3",
        ),
        (
            "shards=0",
            "shards: expected a divisor of batch, which is 64, and of classifier.labelled_batch, which is 32, found 0",
        ),
        ("images.size=33", "images.size: expected 28, 32, 48, 64 or 96, found 33"),
        ("images.channels=2", "images.channels: expected 1 or 3, found 2"),
        (
            "latent.artificial_labels=1",
            "latent.artificial_labels: expected 0 or a whole number from 2 to 10000, found 1",
        ),
        (
            "latent.artificial_labels=100",
            "latent.artificial_labels: expected at most 63, because latent.dim is 64, found 100",
        ),
        (
            "device=gpu0",
            "device: expected \"auto\", \"cpu\", \"gpu\" or \"gpu:N\" with N from 0 to 255, found \"gpu0\"",
        ),
    ];
    for (setting, expected) in cases {
        assert_eq!(set_error(setting), format!("--set: {expected}"));
    }
    assert_eq!(
        file_error("[generator]\ndecay_from = 500\ndecay_until = 500\n"),
        "slgan.toml: generator.decay_until: expected 0, or a step after generator.decay_from, which is 500, found 500"
    );
}

#[test]
fn every_number_is_finite_and_in_range() {
    let all = keys();
    let numbers: Vec<_> = all.iter().filter(|key| key.default.parse::<f64>().is_ok()).collect();
    assert!(numbers.len() > 30, "only {} of {} keys are numbers", numbers.len(), all.len());
    for key in numbers {
        for wrong in ["-1", "nan", "inf", "9223372036854775808", "1e400"] {
            let error = set_error(&format!("{}={wrong}", key.key));
            assert!(error.starts_with(&format!("--set: {}: expected ", key.key)), "{error}");
        }
    }
}

#[test]
fn devices_follow_their_grammar() {
    for valid in ["auto", "cpu", "gpu", "gpu:0", "gpu:17"] {
        assert_eq!(set(&format!("device={valid}")).device, valid);
    }
    for wrong in ["", "GPU", "cuda", "gpu:", "gpu:x", "gpu:-1", "gpu:+1", "gpu:01", "gpu: 1", "gpu:999", "cpu:0"] {
        assert!(set_error(&format!("device={wrong}")).starts_with("--set: device: expected "), "{wrong}");
    }
}

#[test]
fn errors_name_the_layer_that_set_the_value() {
    let overridden = load("[gate]\ntau = 7", &["gate.tau=0.5"]).unwrap();
    assert_eq!(overridden.gate.tau, 0.5);
    let from_file = load("[gate]\ntau = 7", &["steps=5"]).unwrap_err();
    assert!(from_file.to_string().starts_with("slgan.toml: gate.tau: "), "{from_file}");
    let from_setting = load("[gate]\ntau = 0.5", &["gate.tau=7"]).unwrap_err();
    assert!(from_setting.to_string().starts_with("--set: gate.tau: "), "{from_setting}");
    let from_code = Config { batch: 0, ..Config::default() }.validate().unwrap_err();
    assert_eq!(from_code.to_string(), "batch: expected a whole number from 2 to 4096, found 0");
}

#[test]
fn keys_with_old_names_are_read_and_reported() {
    let layer = parse_file("old.toml", "[gate]\nlabels = \"soft\"").unwrap();
    let renamed: Vec<String> = layer.renamed_keys().iter().map(ToString::to_string).collect();
    assert_eq!(renamed, ["the key `gate.labels` is now called `gate.pseudo_label`"]);
    assert_eq!(Config::from_layers(&[layer]).unwrap().gate.pseudo_label, PseudoLabel::Soft);

    let new = parse_file("new.toml", "[gate]\npseudo_label = \"soft\"").unwrap();
    assert!(new.renamed_keys().is_empty());
    assert_eq!(set("gate.labels=soft").gate.pseudo_label, PseudoLabel::Soft);

    let both = file_error("[gate]\nlabels = \"soft\"\npseudo_label = \"hard\"");
    assert!(both.contains("unknown key `gate.labels`"), "{both}");
    assert!(set_error("gate.labels=sof").contains("gate.pseudo_label: expected"));
}

#[test]
fn the_table_of_runs_without_labels_gives_way_to_what_is_set() {
    let table = |settings: &[&str], finds_all| load("", settings).unwrap().label_table.resolved(finds_all);
    let usual = table(&[], true);
    assert_eq!((usual.source, usual.refresh, usual.ramp), (LabelSource::Pixels, 1_400, 0));
    assert!(usual.gated && usual.histogram && usual.refresh < Config::default().steps);
    assert_eq!(table(&[], false).source, LabelSource::None);

    let set = table(&["label_table.refresh=70", "label_table.ramp=5"], true);
    assert_eq!((set.source, set.refresh, set.ramp), (LabelSource::Pixels, 70, 5));
    let mut with_labels = Config { label_table: table(&["label_table.refresh=70"], false), ..Config::default() };
    assert_eq!((with_labels.label_table.source, with_labels.label_table.refresh), (LabelSource::None, 0));
    with_labels = load(&with_labels.to_toml().unwrap(), &[]).expect("a run folder can be read back");
    assert_eq!(with_labels.label_table.source, LabelSource::None);

    let ungated = table(&["label_table.source=pixels"], true);
    assert_eq!((ungated.gated, ungated.histogram, ungated.refresh), (false, false, 0));
    assert_eq!(table(&["label_table.source=none"], true).source, LabelSource::None);
}

#[test]
fn keys_of_a_label_table_fit_its_source() {
    let errors = |settings: &[&str]| load("", settings).expect_err("it does not fit").to_string();
    for (settings, parts) in [
        (
            &["label_table.source=none", "label_table.refresh=5"][..],
            ["label_table.refresh: expected 0, unless", "\"file\", found 5"],
        ),
        (
            &["label_table.source=truth", "label_table.refresh=5"],
            ["label_table.refresh: expected 0", "\"file\", found 5"],
        ),
        (
            &["label_table.source=pixels", "label_table.confusion=true"],
            ["label_table.confusion: expected false, unless the teacher makes tables", "found true"],
        ),
        (
            &["classifier.information_weight=1", "shards=2"],
            ["classifier.information_weight: expected 0, unless shards is 1", "found 1"],
        ),
        (
            &["classifier.information_weight=1", "strict=true"],
            ["strict: expected false, because classifier.information_weight", "found true"],
        ),
        (&["label_table.source=file"], ["label_table.file: expected a table of labels or a run folder", "found \"\""]),
        (&["label_table.file=a.csv"], ["label_table.file: expected none, unless", "found \"a.csv\""]),
        (&["label_table.source=techer"], ["label_table.source: expected \"auto\", \"none\"", "nearest is \"teacher\""]),
        (&["label_table.source=truth", "gate.pseudo_label=soft"], ["gate.pseudo_label: expected \"hard\"", "\"soft\""]),
        (
            &["label_table.flipped=1.1"],
            ["label_table.flipped: expected a number of at least 0", "at most 1, found 1.1"],
        ),
        (
            &["classifier.generator_weight_from=9", "classifier.generator_weight_until=9"],
            [
                "classifier.generator_weight_until: expected 0, or a step after",
                "classifier.generator_weight_from, which is 9, found 9",
            ],
        ),
    ] {
        let error = errors(settings);
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
    let config = load("[label_table]\nsource = \"teacher\"\nrefresh = 5\n", &["gate.pseudo_label=hard"]).unwrap();
    assert_eq!((config.label_table.refresh, config.label_table.gated), (5, false));
}

#[test]
fn accumulate_is_another_name_of_shards() {
    assert_eq!(set("accumulate=4").shards, 4);
    assert_eq!(load("shards = 2", &["accumulate=4"]).unwrap().shards, 4);
    assert!(parse_setting("accumulate=4").unwrap().renamed_keys().is_empty(), "it is no old name");
    assert!(set_error("accumulate=5").starts_with("--set: shards: expected a divisor of batch"));
    assert!(file_error("shards = 2\naccumulate = 2").contains("unknown key `accumulate`"));
}
