//! The Lambda function `live-authorize`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::live_authorize().await
}
