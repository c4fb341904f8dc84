//! The Lambda function `transition-order`.

use functions::{Environment, transition_order};
use lambda_http::Error;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let env = Environment::from_lambda().await?;
    lambda_http::run(transition_order::service(&env)).await
}
