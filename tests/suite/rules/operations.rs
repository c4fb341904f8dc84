//! The pages for operators match template.yaml.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use yaml_serde::Value;

use crate::harness::Template;

/// Reads a page of `docs`.
fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    fs::read_to_string(path).expect(name)
}

#[test]
fn every_alarm_is_on_the_dashboard_and_has_a_section() {
    let (template, operate) = (Template::load(), page("how-to/operate.md"));
    let dashboard = yaml_serde::to_string(template.properties("Dashboard")).expect("YAML");
    for (id, _) in template.resources("AWS::CloudWatch::Alarm") {
        assert!(dashboard.contains(&format!("${{{id}.Arn}}")), "{id} is not on the dashboard");
        assert!(operate.contains(&format!("\n## {id}: ")), "operate.md has no section on {id}");
    }
    let sections = operate.lines().filter_map(|line| line.strip_prefix("## "));
    for (id, _) in sections.filter_map(|line| line.split_once(": ")) {
        assert_eq!(template.kind(id), "AWS::CloudWatch::Alarm", "operate.md has a section on {id}");
    }
}

/// CloudWatch charges for each metric of an alarm.
#[test]
fn the_costs_name_the_number_of_metrics_in_alarms() {
    let (template, costs) = (Template::load(), page("explanation/costs.md"));
    let metrics = template.resources("AWS::CloudWatch::Alarm").map(|(_, alarm)| {
        let metrics = alarm["Properties"]["Metrics"].as_sequence();
        metrics.map_or(1, |it| it.iter().filter(|it| it.get("MetricStat").is_some()).count())
    });
    let expected = format!("(the stack has {},", metrics.sum::<usize>());
    assert!(costs.contains(&expected), "costs.md does not say {expected}");
}

/// Returns the names in backquotes of a table's cell.
fn names(cell: &str) -> BTreeSet<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// Returns the cells of the rows of the table under a heading, without its head.
fn rows<'a>(page: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let lines = page.lines().skip_while(|line| *line != heading).skip(1);
    let section = lines.take_while(|line| !line.starts_with("## "));
    let rows = section.filter(|line| line.starts_with("| "));
    rows.skip(1).map(|row| row.trim_matches('|').split(" | ").collect()).collect()
}

#[test]
fn the_page_of_settings_has_every_parameter_and_output() {
    let (template, settings) = (Template::load(), page("reference/settings.md"));
    for (section, heading) in
        [("Parameters", "## Template parameters"), ("Outputs", "## Stack outputs")]
    {
        let there: BTreeSet<_> = template.section(section).map(|(name, _)| name).collect();
        let rows = rows(&settings, heading);
        let documented: BTreeSet<_> = rows.iter().flat_map(|cells| names(cells[0])).collect();
        assert_eq!(documented, there, "{section}");
    }
}

/// A variable that single functions have stands with their names.
#[test]
fn the_page_of_settings_has_every_variable_of_the_functions() {
    let (template, settings) = (Template::load(), page("reference/settings.md"));
    let (_, globals) = template.section("Globals").next().expect("of functions");
    let shared = globals["Environment"]["Variables"].as_mapping().expect("variables").keys();
    let shared = shared.filter_map(Value::as_str).map(|name| (name.to_owned(), String::new()));
    let own = template.functions().flat_map(|(id, function)| {
        let binary = function["Metadata"]["BuildProperties"]["Binary"].as_str().expect("a binary");
        template.own_variables(id).into_iter().map(|name| (name, binary.to_owned()))
    });
    let there: BTreeSet<_> = shared.chain(own).collect();
    let rows = rows(&settings, "## Environment of the functions");
    let documented = rows.iter().flat_map(|cells| {
        let functions = names(cells[1]);
        let functions = if functions.is_empty() { [""].into() } else { functions };
        let pair = |name: &str, function: &str| (name.to_owned(), function.to_owned());
        let pairs =
            names(cells[0]).into_iter().map(|name| functions.iter().map(move |it| pair(name, it)));
        pairs.flatten().collect::<Vec<_>>()
    });
    assert_eq!(documented.collect::<BTreeSet<_>>(), there);
}
