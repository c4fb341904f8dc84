//! The Lambda function `outbox`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::outbox().await
}
