//! The Lambda function `live-tickets`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::live_tickets().await
}
