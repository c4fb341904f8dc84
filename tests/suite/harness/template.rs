//! template.yaml as written, with unresolved intrinsics.

use yaml_serde::Value;

use super::TEMPLATE;

/// A template that tests read and alter.
#[derive(Clone)]
pub struct Template(Value);

/// An event of type `HttpApi`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The logical id of the function.
    pub function: String,
    /// The name of the event in the function.
    pub event: String,
    pub method: String,
    pub path: String,
    /// True if the route needs no token.
    pub is_open: bool,
}

impl Template {
    /// Loads the template that is deployed.
    pub fn load() -> Self {
        let text = std::fs::read_to_string(TEMPLATE).expect("template.yaml");
        Self(yaml_serde::from_str(&text).expect("YAML"))
    }

    /// Returns the properties of a resource.
    pub fn properties(&self, logical_id: &str) -> &Value {
        &self.0["Resources"][logical_id]["Properties"]
    }

    /// Returns the type of a resource.
    pub fn kind(&self, logical_id: &str) -> &str {
        self.0["Resources"][logical_id]["Type"].as_str().unwrap_or_default()
    }

    /// Returns what stands in a section, such as `Outputs`, each with its name.
    pub fn section(&self, name: &str) -> impl Iterator<Item = (&str, &Value)> {
        let section = self.0[name].as_mapping().expect("a section").iter();
        section.map(|(name, value)| (name.as_str().expect("a name"), value))
    }

    /// Returns the resources of a type, each with its logical id.
    pub fn resources(&self, kind: &str) -> impl Iterator<Item = (&str, &Value)> {
        self.section("Resources").filter(move |(_, resource)| resource["Type"] == kind)
    }

    /// Returns the functions, each with its logical id.
    pub fn functions(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.resources("AWS::Serverless::Function")
    }

    /// Returns the HTTP routes.
    pub fn routes(&self) -> Vec<Route> {
        let mut routes = Vec::new();
        for (function, declared) in self.functions() {
            let events = declared["Properties"]["Events"].as_mapping().into_iter().flatten();
            for (event, declared) in events.filter(|(_, event)| event["Type"] == "HttpApi") {
                let text = |value: &Value| value.as_str().expect("text").to_owned();
                routes.push(Route {
                    function: function.to_owned(),
                    event: text(event),
                    method: text(&declared["Properties"]["Method"]),
                    path: text(&declared["Properties"]["Path"]),
                    is_open: declared["Properties"]["Auth"]["Authorizer"] == "NONE",
                });
            }
        }
        routes
    }

    /// Returns the template with a route, and its limit, at another path. The route is not removed,
    /// because a function must have one.
    pub fn with_moved(mut self, route: &Route) -> Self {
        let function = &mut self.0["Resources"][route.function.as_str()];
        let event = &mut function["Properties"]["Events"][route.event.as_str()];
        event["Properties"]["Path"] = "/moved".into();
        let api = &mut self.0["Resources"]["HttpApi"]["Properties"];
        let limits = api["RouteSettings"].as_mapping_mut().expect("limits");
        if let Some(limit) = limits.remove(format!("{} {}", route.method, route.path)) {
            limits.insert(format!("{} /moved", route.method).into(), limit);
        }
        self
    }

    /// Returns the names of a function's own environment variables, without those of all
    /// functions.
    pub fn own_variables(&self, function: &str) -> Vec<String> {
        let properties = self.properties(function);
        let variables = properties["Environment"]["Variables"].as_mapping().into_iter().flatten();
        variables.map(|(name, _)| name.as_str().expect("a name").to_owned()).collect()
    }

    /// Returns the template without one of a function's own variables.
    pub fn without_variable(mut self, function: &str, variable: &str) -> Self {
        let properties = &mut self.0["Resources"][function]["Properties"];
        let variables = properties["Environment"]["Variables"].as_mapping_mut();
        variables.expect("variables").remove(variable);
        self
    }

    /// Returns the template with another timeout of a function, in seconds.
    pub fn with_timeout(mut self, function: &str, seconds: u64) -> Self {
        self.0["Resources"][function]["Properties"]["Timeout"] = seconds.into();
        self
    }

    /// Returns the template as YAML.
    pub fn text(&self) -> String {
        yaml_serde::to_string(&self.0).expect("YAML")
    }
}
