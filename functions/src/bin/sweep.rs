//! The Lambda function `sweep`.

use functions::{Environment, sweep};
use lambda_runtime::Error;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let env = Environment::from_lambda().await?;
    lambda_runtime::run(sweep::service(&env)).await
}
