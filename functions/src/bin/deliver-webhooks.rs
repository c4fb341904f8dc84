//! The Lambda function `deliver-webhooks`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::deliver_webhooks().await
}
