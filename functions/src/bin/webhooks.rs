//! The Lambda function `webhooks`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::webhooks().await
}
