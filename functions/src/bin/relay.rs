//! The Lambda function `relay`.

use functions::{Environment, relay};
use lambda_runtime::Error;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let env = Environment::from_lambda().await?;
    lambda_runtime::run(relay::service(&env)).await
}
