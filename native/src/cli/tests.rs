use std::path::Path;

use clap::error::ErrorKind;
use slgan::config::{Config, LabelBudget, Mode, Preset};
use slgan::data::catalogue::CATALOGUE;

use super::*;

fn parse(line: &str) -> Result<Command, clap::Error> {
    super::parse(line.split(' ')).map(|cli| cli.command)
}

fn train(line: &str) -> Box<TrainArgs> {
    match parse(line) {
        Ok(Command::Train(args)) => args,
        other => panic!("{line}: {other:?}"),
    }
}

fn config(line: &str) -> Result<Config, String> {
    let layers = train(line).layers().map_err(|error| error.to_string())?;
    Config::from_layers(&layers).map_err(|error| error.to_string())
}

#[test]
fn the_definition_is_valid() {
    Cli::command().debug_assert();
}

#[test]
fn no_flag_gives_the_defaults() {
    assert_eq!(train("slgan train").layers(), Ok(vec![]));
}

#[test]
fn every_flag_of_train_reaches_the_configuration() {
    let given = config(
        "slgan train --data folder:a=1 --labels 0.1 --preset small --mode unconditional --steps 10 --batch 8 --seed 7 \
         --device gpu:1 --keep 0 --skip-bad --judge --set gate.tau=0.5 --set gate.warm_up=9",
    );
    let mut expected = Config {
        data: "folder:a=1".into(),
        label_budget: LabelBudget::Fraction(0.1),
        preset: Preset::Small,
        mode: Mode::Unconditional,
        steps: 10,
        batch: 8,
        seed: 7,
        device: "gpu:1".into(),
        ..Config::for_preset(Preset::Small)
    };
    expected.report.keep = 0;
    expected.report.judge = true;
    expected.images.skip_bad = true;
    expected.gate.tau = 0.5;
    expected.gate.warm_up = 9;
    assert_eq!(given, Ok(expected));
}

#[test]
fn settings_override_flags() {
    assert_eq!(config("slgan train --set steps=9 --steps 5").map(|config| config.steps), Ok(9));
}

#[test]
fn wrong_values_get_the_errors_of_the_configuration() {
    let cases = [
        ("--steps ten", "--steps: steps: expected a whole number of at least 0, found \"ten\""),
        ("--seed -1", "--seed: seed: expected a whole number of at least 0, found -1"),
        ("--keep x", "--keep: report.keep: expected a whole number of at least 0, found \"x\""),
        ("--set gate.tau", "--set: expected KEY=VALUE, found \"gate.tau\""),
        ("--set tau=1", "--set: unknown key `tau`; the nearest is `gate.tau`"),
    ];
    for (flags, expected) in cases {
        assert_eq!(config(&format!("slgan train {flags}")), Err(expected.to_owned()));
    }
}

#[test]
fn the_help_of_train_names_the_defaults() {
    let mut command = Cli::command();
    let train = command.find_subcommand_mut("train").unwrap();
    let help = train.render_long_help().to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    let (tiny, cifar) = (Config::default(), Config::for_preset(Preset::Cifar));
    for default in [
        format!("Training steps [default: {}; for cifar {}]", tiny.steps, cifar.steps),
        format!("Real images per step [default: {}]", tiny.batch),
        format!("0 for all [default: {}]", tiny.report.keep),
        format!("random number [default: {}]", tiny.seed),
        format!("lists them [default: {}]", tiny.device),
        format!("$SLGAN_DATA [default: {}]", tiny.data),
    ] {
        assert!(help.contains(&default), "{default}\n{help}");
    }
}

#[test]
fn the_help_lists_every_data_set() {
    let mut command = Cli::command();
    let train = command.find_subcommand_mut("train").unwrap().render_long_help().to_string();
    let data = command.find_subcommand_mut("data").unwrap();
    let fetch = data.find_subcommand_mut("fetch").unwrap().render_long_help().to_string();
    for entry in &CATALOGUE {
        assert!(train.contains(&entry.form()), "{}\n{train}", entry.name);
        let call = format!("slgan data fetch {} --dir a", entry.name);
        assert_eq!(parse(&call).is_ok(), entry.folder.is_some(), "{call}");
        assert!(entry.folder.is_none() || fetch.contains(entry.name), "{}\n{fetch}", entry.name);
    }
}

#[test]
fn generate_takes_exactly_one_output() {
    let Ok(Command::Generate(args)) = parse("slgan generate runs/a --npz a.npz --label 3 --label 1 --checkpoint 500")
    else {
        panic!("a valid call");
    };
    assert_eq!(args.output(), GenerateOutput::Npz(Path::new("a.npz")));
    assert_eq!(args.labels, [3, 1]);
    assert_eq!(args.model.checkpoint, CheckpointChoice::Step(500));
    assert_eq!((args.count, args.seed, args.truncation), (None, 0, 1.0));

    let none = parse("slgan generate runs/a").unwrap_err();
    assert_eq!(none.kind(), ErrorKind::MissingRequiredArgument);
    let two = parse("slgan generate runs/a --grid a.png --images b").unwrap_err();
    assert_eq!(two.kind(), ErrorKind::ArgumentConflict);
    for wrong in ["--truncation 0", "--truncation nan", "--truncation 1.5", "--count 0", "--checkpoint first"] {
        let error = parse(&format!("slgan generate runs/a --grid a.png {wrong}")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ValueValidation, "{wrong}");
    }
}

#[test]
fn the_other_commands_parse() {
    for line in [
        "slgan label runs/a --data mnist:b --split train --out a.csv --checkpoint best --skip-bad --device cpu",
        "slgan label runs/a --data mnist --out a.csv",
        "slgan export runs/a --out a.slgan",
        "slgan export runs/a --out a.slgan --checkpoint best",
        "slgan export runs/a --onnx generator",
        "slgan export runs/a --onnx teacher --out a.onnx",
        "slgan report runs/a",
        "slgan report runs/a --out a.html",
        "slgan train --out runs/a --resume --checkpoint 20",
        "slgan devices --json",
        "slgan devices --shaders --json",
        "slgan devices --shaders --spirv a",
        "slgan devices --check",
        "slgan devices --check --device gpu:1 --json",
        "slgan bench step --device gpu:1 --preset tiny,cifar --json",
        "slgan bench kernels --preset small --device-class discrete-winograd",
        "slgan bench host --preset tiny,cifar --json",
        "slgan bench model --preset small --card h100 --device-class integrated --json",
        "slgan bench memory --device cpu --preset tiny --batch 8 --steps 200 --json",
        "slgan data list --json",
        "slgan data inspect folder:a --grid a.png --json --skip-bad",
        "slgan data fetch fashion-mnist --dir a --url http://localhost/",
        "slgan judge train --data mnist:a --out a.safetensors --device cpu --steps 3 --batch 2 --seed 1 --skip-bad",
        "slgan eval runs/a --data cifar10 --judge a.safetensors",
        "slgan eval a.zip --data folder:b --inception c.pth --resize tensorflow --size 64",
        "slgan eval a.npz --data mnist:b --split train --metrics fid,labels --judge a --arbitrary-labels --json",
        "slgan eval a --statistics b.npz --metrics fid --judge a --seed 3 --out c.json --device cpu --skip-bad",
        "slgan completions bash",
        "slgan man a",
    ] {
        parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    for (line, kind) in [
        ("slgan", ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand),
        ("slgan trian", ErrorKind::InvalidSubcommand),
        ("slgan data fetch imagenet --dir a", ErrorKind::InvalidValue),
        ("slgan train --best speed", ErrorKind::InvalidValue),
        ("slgan train --checkpoint 20", ErrorKind::MissingRequiredArgument),
        ("slgan eval runs/a --data cifar10", ErrorKind::MissingRequiredArgument),
        ("slgan eval runs/a --data cifar10 --judge a --inception b", ErrorKind::ArgumentConflict),
        ("slgan eval runs/a --data cifar10 --inception b --resize bicubic", ErrorKind::ValueValidation),
        ("slgan eval runs/a --judge a", ErrorKind::MissingRequiredArgument),
        ("slgan eval runs/a --judge a --data b --statistics c", ErrorKind::ArgumentConflict),
        ("slgan eval runs/a --judge a --data b --metrics fid,speed", ErrorKind::ValueValidation),
        ("slgan export runs/a", ErrorKind::MissingRequiredArgument),
        ("slgan export runs/a --onnx discriminator", ErrorKind::InvalidValue),
        ("slgan devices --device cpu", ErrorKind::MissingRequiredArgument),
        ("slgan devices --shaders --device cpu", ErrorKind::ArgumentConflict),
        ("slgan devices --check --shaders", ErrorKind::ArgumentConflict),
        ("slgan devices --spirv a", ErrorKind::MissingRequiredArgument),
    ] {
        let error = parse(line).unwrap_err();
        assert_eq!((error.kind(), error.exit_code()), (kind, 2), "{line}");
    }
}

#[track_caller]
fn message(line: &str) -> String {
    let error = parse(line).unwrap_err();
    assert_eq!(error.exit_code(), 2, "{line}");
    error.to_string()
}

#[test]
fn a_call_that_is_nearly_right_gets_the_right_one() {
    for (line, expected) in [
        ("slgan trian", "'train'"),
        ("slgan train --dat glyphs", "'--data'"),
        ("slgan data insepct a", "'inspect'"),
        ("slgan data fetch cifr10 --dir a", "'cifar10'"),
        ("slgan resume", "tip: to continue a run: slgan train --resume --out RUN"),
        ("slgan fetch mnist", "tip: a command of `slgan data` has that name: slgan data fetch"),
        ("slgan runs/a", "tip: the commands are train, study, generate, label, "),
        ("slgan data remove", "tip: the commands are list, inspect, fetch"),
        ("slgan --data glyphs", "tip: flags follow a command: slgan train --data"),
        ("slgan --check", "tip: flags follow a command: slgan devices --check"),
        ("slgan train cifar10:a", "tip: to choose the data set: slgan train --data cifar10:a"),
    ] {
        let message = message(line);
        assert!(message.contains(expected) && message.contains("--help"), "{line}: {message}");
    }
}

#[test]
fn a_call_without_a_command_shows_the_commands_and_where_to_start() {
    let message = message("slgan");
    for part in ["labels", "Usage: slgan <COMMAND>", "  train  ", "  data  ", "Start with: slgan train"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(!message.contains("\n  man "), "{message}");
}

#[test]
fn a_password_in_the_wrong_place_is_not_shown() {
    for line in [
        "slgan http://user:secret@host/",
        "slgan train http://user:secret@host/",
        "slgan data fetch http://user:secret@host/?token=secret --dir a",
        "slgan data fetch mnist http://user:secret@host/ --dir a",
    ] {
        let message = message(line);
        assert!(message.contains("http://***@host/") && !message.contains("secret"), "{message}");
    }
}
