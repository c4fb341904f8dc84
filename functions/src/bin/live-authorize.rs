//! The Lambda function `live-authorize`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::registry::lambda::live_authorize().await
}
