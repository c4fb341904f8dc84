//! The Lambda function `create-order`.

use functions::{Environment, create_order};
use lambda_http::Error;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let env = Environment::from_lambda().await?;
    lambda_http::run(create_order::service(&env)).await
}
