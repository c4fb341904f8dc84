//! The bound of the connections that one principal can have.

use domain::Role;
use http_api::{Problem, ProblemKind};

use crate::{Environment, VariableError};

/// How many times as many connections operations and support can have: their staff can share one
/// account, and their programs connect as it.
const OPERATORS: usize = 10;

/// The number of connections that a principal can have, unless it is 0: then there is no bound,
/// and nothing is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionBound(usize);

impl ConnectionBound {
    /// Reads the template's parameter `ConnectionsPerPrincipal`.
    pub(crate) fn new(env: &Environment) -> Result<Self, VariableError> {
        const NAME: &str = "CONNECTIONS_PER_PRINCIPAL";
        let number = env.variables.get(NAME)?.parse();
        number.map(Self).map_err(|_| VariableError::Invalid(NAME, "a number, or 0 for no bound"))
    }

    /// Returns the number of connections that a principal with this role can have.
    pub(crate) fn of(self, role: Role) -> Option<usize> {
        let most = match role {
            Role::Ops | Role::Support => self.0.saturating_mul(OPERATORS),
            Role::Merchant | Role::Driver | Role::Customer | Role::System => self.0,
        };
        (most > 0).then_some(most)
    }
}

/// Refuses another connection to a principal that has `most`.
pub(crate) fn too_many_connections(most: usize) -> Problem {
    let detail = format!(
        "You have {most} WebSocket connections, as many as you can have. Close one, or try again \
         in a few minutes: a connection that was lost counts for up to twelve."
    );
    Problem::new(ProblemKind::TooManyConnections, detail)
}
