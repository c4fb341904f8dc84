//! The Lambda function `create-order`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::create_order().await
}
