//! The accepted command lines.

use clap::error::ErrorKind;

use super::*;

fn parse(arguments: &str) -> Result<Args, clap::Error> {
    Args::try_parse_from(["waybill"].into_iter().chain(arguments.split_whitespace()))
}

#[test]
fn only_what_is_kept_nowhere_can_live_faster() {
    let fast = parse("--memory --time-scale 60").unwrap();
    assert_eq!(fast.time_scale, "60".parse().ok());
    assert_eq!(parse("--memory").unwrap().time_scale, None);
    let refused = parse("--time-scale 60").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::MissingRequiredArgument);
    assert!(refused.to_string().contains("--memory"), "{refused}");
    let refused = parse("--data here --time-scale 60").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ArgumentConflict);
}

#[test]
fn a_parameter_of_an_export_has_a_name_and_a_value() {
    let Some(Command::Export(_)) = parse("export status=delivered note=a=b").unwrap().command
    else {
        panic!("no export");
    };
    let refused = parse("export delivered").unwrap_err();
    assert!(refused.to_string().contains("must be NAME=VALUE"), "{refused}");
    let refused = parse("export --format xml").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidValue);
}

#[test]
fn couriers_have_a_number_and_a_town() {
    for arguments in ["couriers 1", "couriers 100", "couriers 3 --town -33.92,18.42"] {
        let Some(Command::Couriers(_)) = parse(arguments).unwrap().command else {
            panic!("no couriers");
        };
    }
    for number in ["", "0", "101", "few"] {
        assert!(parse(&format!("couriers {number}")).is_err(), "{number}");
    }
    for (town, rule) in [("here", "must be LAT,LNG"), ("95,0", "latitude from -90 to 90")] {
        let refused = parse(&format!("couriers 3 --town {town}")).unwrap_err();
        assert!(refused.to_string().contains(rule), "{refused}");
    }
}

#[test]
fn a_time_scale_that_is_none_is_told_the_bounds() {
    for scale in ["0", "3601", "1.5", "fast"] {
        let refused = parse(&format!("--memory --time-scale {scale}")).unwrap_err();
        assert!(refused.to_string().contains("a whole number from 1 to 3600"), "{refused}");
    }
}
