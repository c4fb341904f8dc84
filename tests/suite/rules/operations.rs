//! The pages for operators match template.yaml.

use std::fs;
use std::path::Path;

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
