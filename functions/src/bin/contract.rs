//! The Lambda function `contract`.

use functions::{Environment, contract};
use lambda_http::Error;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let env = Environment::from_lambda().await?;
    lambda_http::run(contract::service(&env)).await
}
