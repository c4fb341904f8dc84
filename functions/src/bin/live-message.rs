//! The Lambda function `live-message`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::live_message().await
}
