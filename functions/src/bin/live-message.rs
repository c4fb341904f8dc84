//! The Lambda function `live-message`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::registry::lambda::live_message().await
}
